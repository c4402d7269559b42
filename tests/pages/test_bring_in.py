"""A manuscript is brought in on the page: it becomes a story, or the page says why it does not."""

import time
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from chorus.store import Database, StoryCard
from chorus.ui import bring_in
from tests.pages.conftest import Open, markup_of

GOOD = b"# The Lamp\n\n## One\n\nThe sea was quiet, and the lamp was out."
DAMAGED = b"PK\x03\x04 this is no book"


def test_a_manuscript_becomes_a_story(open_page: Open, seed: Callable[..., Any], monkeypatch: Any) -> None:
    gone: dict[str, Any] = {}
    monkeypatch.setattr(bring_in, "go_to", lambda name, **to: gone.update(page=name, **to))
    page = uploaded(open_page("stories"), "lamp.md", GOOD)
    assert not page.exception
    (card,) = seed(cards)
    assert (card.title, card.words) == ("The Lamp", 9)
    assert gone == {"page": "story", "story_id": card.id}
    assert "bringing-in" not in page.session_state


def test_a_refused_manuscript_is_refused_once_and_the_page_rests(open_page: Open, monkeypatch: Any) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(bring_in, "forget", lambda: forgotten.append("all"))
    page = uploaded(open_page("stories"), "lamp.epub", DAMAGED)
    assert not page.exception
    assert "Not done" in markup_of(page)
    assert page.file_uploader
    assert len(forgotten) == 1
    page.run()
    assert "Not done" not in markup_of(page)
    assert len(forgotten) == 1


def uploaded(page: AppTest, name: str, content: bytes) -> AppTest:
    """Upload a file, and wait until it was read."""
    page.file_uploader[0].upload(name, content, "application/octet-stream")
    next(button for button in page.button if button.label == "Bring it in").click().run()
    patience = time.monotonic() + 30
    while "bringing-in" in page.session_state and time.monotonic() < patience:
        time.sleep(0.1)
        page.run()
    return page


async def cards(database: Database) -> list[StoryCard]:
    async with database.reading() as tx:
        return await tx.stories.list_cards()
