"""Bringing a manuscript in: it is read behind the page, which only looks how far it is."""

from concurrent.futures import Future
from dataclasses import dataclass, field

import streamlit as st

from chorus.errors import ChorusError
from chorus.studio import ImportSummary, Studio
from chorus.ui.backend import backend
from chorus.ui.orders import forget, refused
from chorus.ui.places import go_to

LOOK_S = 0.5
LARGEST_MB = 50
_KEPT = "bringing-in"


@dataclass
class BringingIn:
    """A manuscript on its way in: how many of its memories have their vectors."""

    name: str
    content: bytes
    title: str | None
    done: int = 0
    total: int = 0
    end: Future[ImportSummary] = field(init=False)

    def __post_init__(self) -> None:
        self.end = backend().start(self._work)

    async def _work(self, studio: Studio) -> ImportSummary:
        return await studio.import_manuscript(
            self.content, title=self.title, file_name=self.name, progress=self._progress
        )

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def bring_in() -> None:
    """Offer to import a manuscript; while one is on its way, show how far it is, and in the end what came of it."""
    under_way: BringingIn | None = st.session_state.get(_KEPT)
    why_not = _end(under_way) if under_way and under_way.end.done() else None
    with st.expander("Bring in a manuscript", icon=":material/upload_file:", expanded=under_way is not None):
        if under_way and why_not is None:
            st.fragment(_look, run_every=LOOK_S, key="bringing-in-look")(under_way)
            return
        if why_not:
            refused(why_not)
        with st.form("bring-in", border=False):
            file = st.file_uploader(
                "A manuscript: Markdown, plain text, Word or EPUB",
                type=["md", "markdown", "txt", "docx", "epub"],
                max_upload_size=LARGEST_MB,
            )
            title = st.text_input(
                "Title (optional)", max_chars=200, placeholder="the one in the file", key="bring-title"
            )
            sent = st.form_submit_button("Bring it in", type="primary", icon=":material/upload:")
        if sent and file is None:
            refused("Choose a file first.")
        elif sent and file is not None:
            st.session_state[_KEPT] = BringingIn(file.name, file.getvalue(), title.strip() or None)
            st.rerun()


def _look(work: BringingIn) -> None:
    """Show how far it is. The page itself is drawn anew at the end, which ends this looking as well."""
    if work.end.done():
        st.rerun()
    share = work.done / work.total if work.total else 0.0
    told = f"Remembering {work.done:,} of {work.total:,} passages" if work.total else "Reading the manuscript…"
    st.progress(min(1.0, share), told)


def _end(work: BringingIn) -> str:
    """Go to the story that was brought in, or tell why there is none."""
    st.session_state.pop(_KEPT, None)
    forget()
    try:
        summary = work.end.result()
    except ChorusError as error:
        return str(error)
    go_to("story", story_id=summary.story_id)
    return ""
