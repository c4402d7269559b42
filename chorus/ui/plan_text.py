"""A whole outline as one text: everything can be changed at once, and is looked at before it is kept."""

import streamlit as st

from chorus.domain.outline_draft import OutlineDraft
from chorus.domain.outline_text import outline_text, read_outline
from chorus.editing.planning import PlannedOutline
from chorus.errors import InvalidInput
from chorus.ui.markup import draw
from chorus.ui.orders import refused
from chorus.ui.plan_change import wish_for

LONGEST = 500_000
_HOW = (
    '<p class="ch-facts">A chapter begins with <code>##</code>, a scene with <code>###</code> and its number. Moving a '
    "block moves the scene; a new one has <code>+</code> in place of a number; a block that is deleted takes its scene "
    "out.</p>"
)


def show_text(planned: PlannedOutline, title: str) -> None:
    """Show the outline in a field, and keep what is written there."""
    draw(_HOW)
    with st.form(f"plan-text-{planned.story_id}-{planned.version}", border=False):
        text = st.text_area("The outline", outline_text(planned.draft, title), height=620, max_chars=LONGEST)
        saved = st.form_submit_button("Save this outline", type="primary", icon=":material/check:")
    if saved:
        draft = _read(text)
        if draft:
            wish_for(planned, draft)


def _read(text: str) -> OutlineDraft | None:
    try:
        return read_outline(text)
    except InvalidInput as wrong:
        refused(str(wrong))
        return None
