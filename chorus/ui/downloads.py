"""Taking a story along: every format there is, made when somebody presses its button and not before."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from chorus.export import EXPORTERS, Exporter, file_stem
from chorus.ui.backend import Backend, backend
from chorus.ui.markup import draw

EXPORT_S = 120.0
_FORMATS = {
    "epub": ("EPUB 3", "for e-readers"),
    "pdf": ("PDF", "set as a book"),
    "docx": ("Word", "to go on working"),
    "html": ("Web page", "one file"),
    "md": ("Markdown", "plain text, can be imported again"),
    "json": ("JSON", "the text with its world, cast and facts"),
}


def downloads(story_id: UUID, title: str) -> None:
    """Offer the story as a file in every format."""
    with st.popover("Export", icon=":material/download:", key="export"):
        draw('<p class="ch-facts">A book leaves out what is not written yet.</p>')
        for name, (label, use) in _FORMATS.items():
            exporter = EXPORTERS[name]
            st.download_button(
                f"{label}, {use}",
                _content(backend(), story_id, exporter),
                f"{file_stem(title)}{exporter.suffix}",
                exporter.media_type,
                key=f"export-{name}",
                on_click="ignore",
                type="tertiary",
                width="stretch",
            )


def _content(house: Backend, story_id: UUID, exporter: Exporter) -> Callable[[], bytes]:
    """Make the file when it is asked for; the page's own script does not wait for it."""

    def make() -> bytes:
        return exporter.render(house.run(lambda studio: studio.load_bundle(story_id), EXPORT_S))

    return make
