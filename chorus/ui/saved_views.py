"""Views of a page that are kept under a name: links for everybody, to keep and to forget for editors."""

from collections.abc import Collection, Mapping

import streamlit as st

from chorus.domain.saved_view import LONGEST_NAME, SavedView
from chorus.studio import Studio
from chorus.ui import reads
from chorus.ui.markup import draw, label, safe
from chorus.ui.orders import give
from chorus.ui.places import PlaceName, href
from chorus.ui.visitor import may_edit


def offer(page: PlaceName, keys: Collection[str]) -> None:
    """Show the views of a page, and let what it shows now be kept as one: what its address says under ``keys``."""
    views = reads.saved_views(page)
    with st.container(horizontal=True, vertical_alignment="center", key="saved-views"):
        if views:
            draw(_links(page, views, keys))
        if may_edit():
            _keep(page, keys)
            if views:
                _forget(page, views)


def _links(page: PlaceName, views: list[SavedView], keys: Collection[str]) -> str:
    shown = [(view.name, href(page, **_known(view.asked, keys))) for view in views]
    items = "".join(
        f'<li><a href="{safe(there)}" target="_self" dir="auto">{safe(name)}</a></li>' for name, there in shown
    )
    return f'<nav aria-label="Saved views"><ul class="ch-views">{items}</ul></nav>'


def _known(asked: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    return {key: asked[key] for key in asked if key in keys}


def _keep(page: PlaceName, keys: Collection[str]) -> None:
    with (
        st.popover("Keep this view", icon=":material/bookmark_add:", key="keep-view"),
        st.form("keep-view-form", border=False),
    ):
        name = st.text_input("Its name", max_chars=LONGEST_NAME, placeholder="Failures of the last week")
        asked = _known(st.query_params.to_dict(), keys)
        if st.form_submit_button("Keep it", type="primary") and give(lambda studio: _kept(studio, page, name, asked)):
            _anew()


async def _kept(studio: Studio, page: PlaceName, name: str, asked: dict[str, str]) -> bool:
    async with studio.store.transaction() as tx:
        await tx.saved_views.keep(SavedView.kept_as(page, name, asked))
    return True


def _forget(page: PlaceName, views: list[SavedView]) -> None:
    with (
        st.popover("Forget one", icon=":material/bookmark_remove:", key="forget-view"),
        st.form("forget-view-form", border=False),
    ):
        name = st.selectbox("Which", [view.name for view in views], format_func=label)
        if st.form_submit_button("Forget it") and give(lambda studio: _forgotten(studio, page, name)):
            _anew()


async def _forgotten(studio: Studio, page: PlaceName, name: str) -> bool:
    async with studio.store.transaction() as tx:
        await tx.saved_views.remove(page, name)
    return True


def _anew() -> None:
    reads.saved_views.clear()
    st.rerun()
