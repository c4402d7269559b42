"""Taking a story along: every format there is, made when somebody presses its button and not before."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from chorus.export import EXPORTERS, StoryBundle, file_stem
from chorus.ui.backend import Backend, backend
from chorus.ui.markup import draw

EXPORT_S = 120.0
_FORMATS = {
    "epub": ("EPUB 3", "for e-readers"),
    "pdf": ("PDF", "set as a book"),
    "docx": ("Word", "to go on working"),
    "html": ("Web page", "one file"),
    "md": ("Markdown", "to import again"),
    "json": ("JSON", "with world and facts"),
}
_BIBLE = {
    "pdf": "PDF, to print",
    "docx": "Word, to go on working",
    "html": "Web page, one file",
    "epub": "EPUB 3, to take along",
    "md": "Markdown, plain text",
}


def downloads(story_id: UUID, title: str) -> None:
    """Offer the story as a file in every format."""
    with st.popover("Export", icon=":material/download:", key="export"):
        with st.container(key="exports"):
            book, bible = st.columns(2, gap="medium")
        with book:
            draw(
                '<h3 class="ch-subheading">The book</h3><p class="ch-facts">What is written, as a reader meets it.</p>'
            )
            for name, (label, use) in _FORMATS.items():
                _offer(story_id, f"{label}, {use}", name, file_stem(title))
        with bible:
            draw(
                '<h3 class="ch-subheading">The story bible</h3><p class="ch-facts">World, cast, threads and canon.</p>'
            )
            for name, label in _BIBLE.items():
                _offer(story_id, label, name, f"{file_stem(title)}-bible", bible=True)


def _offer(story_id: UUID, label: str, name: str, stem: str, *, bible: bool = False) -> None:
    exporter = EXPORTERS[name]
    st.download_button(
        label,
        _content(backend(), story_id, exporter.render_bible if bible else exporter.render),
        f"{stem}{exporter.suffix}",
        exporter.media_type,
        key=f"export-{'bible-' if bible else ''}{name}",
        on_click="ignore",
        type="tertiary",
        width="stretch",
    )


def _content(house: Backend, story_id: UUID, render: Callable[[StoryBundle], bytes]) -> Callable[[], bytes]:
    """Make the file when it is asked for; the page's own script does not wait for it."""

    def make() -> bytes:
        return render(house.run(lambda studio: studio.load_bundle(story_id), EXPORT_S))

    return make
