"""The versions of an outline: what each was for, and one of them brought back."""

from uuid import UUID

import streamlit as st

from chorus.domain.story import OutlineCause, OutlineVersion
from chorus.ui.backend import backend
from chorus.ui.markup import label
from chorus.ui.orders import give
from chorus.ui.plan_change import take_up
from chorus.ui.words import ago, count

_CAUSE = {
    OutlineCause.PLAN: "planned",
    OutlineCause.EDIT: "edited by a person",
    OutlineCause.MORE: "more was planned",
    OutlineCause.RESTORE: "brought back",
}


def show_versions(story_id: UUID, newest: int) -> None:
    """Offer to bring an earlier version back; they are read when somebody looks."""
    offer = st.popover("Versions", icon=":material/history:", key="plan-versions", on_change="rerun")
    if not offer.open:
        return
    with offer:
        versions = backend().run(lambda studio: studio.list_outline_versions(story_id))
        earlier = {version.number: version for version in reversed(versions) if version.number < newest}
        with st.form("plan-restore", border=False):
            number = st.selectbox(
                f"Version {newest} is in use. Bring back", list(earlier), format_func=lambda n: _named(earlier[n])
            )
            rewrite = st.checkbox(
                "Take the story back to the first scene it touches",
                help="Else texts stay, and you choose what is written again. No written scene moves or goes then.",
            )
            if st.form_submit_button("Bring it back", type="primary") and number:
                take_up(give(lambda studio: studio.restore_outline(story_id, number, rewrite=rewrite)), None)


def _named(version: OutlineVersion) -> str:
    note = f" “{label(version.note, 40)}”" if version.note else ""
    scenes = count(len(version.outline.scenes), "scene")
    return f"{version.number}: {_CAUSE[version.cause]}{note}, {scenes}, {ago(version.created_at)}"
