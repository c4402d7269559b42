"""A scene at the desk: edited with what it touches, compared, restored, locked, written again."""

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.run import RunStatus
from chorus.domain.story import RevisionCause, Scene
from chorus.store import Database
from chorus.ui import book
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]
NEW = "It cost $5 and $6, she said, :red[x] and <b>not bold</b>.\n\nNothing else."


def test_an_edit_is_looked_at_saved_compared_and_taken_back(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    before = scene_of(seed, story_id, 2)
    page = open_page("read", story_id=story_id, scene=2, desk="edit")
    page.text_area[0].set_value(NEW)
    page.button[1].click().run()
    assert not page.exception
    assert "What this edit would touch" in markup_of(page)
    assert "bold&lt;/b&gt;." in markup_of(page)
    assert scene_of(seed, story_id, 2) == before
    page.button[2].click().run()
    assert not page.exception
    assert "Saved as text 2" in markup_of(page)

    page = open_page("read", story_id=story_id, scene=2, desk="versions")
    shown = markup_of(page)
    assert "<ins>" in shown
    assert "<del>" in shown
    assert [box.value for box in page.selectbox] == [1, 2]
    page.radio[0].set_value("In one text").run()
    assert page.query_params["layout"] == "one"
    assert "dk-inline" in markup_of(page)
    page.button(key="restore-yes").click().run()
    assert not page.exception
    assert "Text 1 is back" in markup_of(page)
    assert [box.value for box in page.selectbox][1] == 3
    texts = seed(lambda database: texts_of(database, story_id))
    assert [cause for cause, _ in texts] == [RevisionCause.DRAFT, RevisionCause.EDIT, RevisionCause.RESTORE]
    assert texts[0][1] == texts[2][1]


def test_the_edit_desk_shows_the_text_that_was_restored_on_another_view(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("read", story_id=story_id, scene=2, desk="edit")
    first = page.text_area[0].value
    save(page, NEW)
    assert page.text_area[0].value == NEW
    page.query_params["desk"] = "versions"
    page.run().button(key="restore-yes").click().run()
    page.query_params["desk"] = "edit"
    page.run()
    assert page.text_area[0].value == first
    save(page, "A third text.")
    assert not page.exception
    assert "Saved as text 4" in markup_of(page)


def test_who_is_overtaken_is_told_and_may_take_the_newest_text(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("read", story_id=story_id, scene=2, desk="edit")
    save(open_page("read", story_id=story_id, scene=2, desk="edit"), NEW)
    save(page, "Overtaken.")
    assert "ch-note-failed" in markup_of(page)
    assert "now has text 2, and yours was begun from text 1" in markup_of(page)
    assert page.text_area[0].value == "Overtaken."
    button(page, "Take the newest text").click().run()
    assert page.text_area[0].value == NEW
    assert "was begun from" not in markup_of(page)
    save(page, "In time.")
    assert "Saved as text 3" in markup_of(page)


def save(page: Any, text: str) -> None:
    page.text_area[0].set_value(text)
    button(page, "Save this text").click().run()


def button(page: Any, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def test_a_locked_scene_is_not_changed(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("read", story_id=story_id, scene=2, desk="edit")
    page.button(key="lock").click().run()
    assert scene_of(seed, story_id, 2).locked
    assert "This scene is locked: unlock it first." in markup_of(page)
    assert not page.text_area
    page.button(key="lock").click().run()
    assert not scene_of(seed, story_id, 2).locked
    assert page.text_area


def test_a_scene_is_written_again_with_a_note_on_a_passage(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("read", story_id=story_id, scene=2, desk="again")
    page.selectbox[0].select(1)
    page.text_area[0].set_value("Slower.")
    page.button[1].click().run()
    assert not page.exception
    run = seed(lambda database: latest(database, story_id))
    assert run.status is RunStatus.QUEUED
    assert run.settings.redo.scenes == (2,)
    assert run.settings.redo.note.startswith("About the passage “")
    assert run.settings.redo.note.endswith("”: Slower.")


def test_a_paragraph_leads_to_a_note_on_it_for_who_may_write_one(
    open_page: Open, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    shown = markup_of(open_page("read", story_id=story_id))
    link = f"read?story_id={story_id}&amp;scene=2&amp;desk=again&amp;about=3"
    paragraph = re.search(r'<p dir="auto">([^<]*)<a class="bk-note" href="' + re.escape(link), shown)
    assert paragraph is not None
    page = open_page("read", story_id=story_id, scene=2, desk="again", about=3)
    begins = html.unescape(paragraph[1])[:40]
    assert page.selectbox[0].options[page.selectbox[0].index or 0].startswith(f"3. {begins}")
    assert open_page("read", story_id=story_id, scene=2, desk="again", about=99).selectbox[0].index == 0
    monkeypatch.setattr(book, "may_edit", lambda: False)
    assert "bk-note" not in markup_of(open_page("read", story_id=story_id))


def test_while_a_story_is_written_nothing_is_edited(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER, status=RunStatus.RUNNING, done=3))
    for view in ("edit", "again"):
        page = open_page("read", story_id=story_id, scene=2, desk=view)
        assert not page.exception
        assert "This story is being written" in markup_of(page)
        assert not page.text_area


def scene_of(seed: Seed, story_id: UUID, number: int) -> Scene:
    async def load(database: Database) -> Scene:
        async with database.transaction() as tx:
            return await tx.stories.load_scene(story_id, number)

    found: Scene = seed(load)
    return found


async def latest(database: Database, story_id: UUID) -> Any:
    async with database.transaction() as tx:
        return await tx.runs.find_latest(story_id)


async def texts_of(database: Database, story_id: UUID) -> list[tuple[str, str]]:
    async with database.transaction() as tx:
        scene = await tx.stories.load_scene(story_id, 2)
        return [(revision.cause, revision.text) for revision in await tx.stories.list_revisions(scene.id)]
