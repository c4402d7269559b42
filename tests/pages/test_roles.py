"""What a viewer, an editor and somebody without a role meet on the pages: the server decides, not the page."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.run import ReviewItem, ReviewKind, RunStatus, Stage
from chorus.domain.saved_view import SavedView
from chorus.domain.story import Character, Story
from chorus.domain.value import new_id
from chorus.errors import NotAllowed
from chorus.settings import Role
from chorus.store import Database
from chorus.studio import Studio
from chorus.ui import backend as backend_module
from chorus.ui import visitor
from chorus.ui.backend import backend
from tests.databases import count_rows
from tests.pages.conftest import Open, markup_of
from tests.pages.lab import seed_experiment
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Awaitable[Any]]], Any]
PAGES = ["stories", "story", "read", "codex", "memory", "review", "metrics", "trace", "experiments", "system"]


@pytest.fixture
def story(seed: Seed) -> UUID:
    async def put(database: Database) -> UUID:
        kept = Story(title="The Lamp", premise="A keeper.")
        async with database.transaction() as tx:
            await tx.stories.add(kept)
        return kept.id

    kept: UUID = seed(put)
    return kept


def becomes(role: Role | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks is of this role; ``may_edit`` asks ``role_here`` as well."""
    monkeypatch.setattr(visitor, "role_here", lambda: role)
    monkeypatch.setattr(backend_module, "role_here", lambda: role)


def test_no_page_shows_anything_to_nobody(story: UUID, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes(None, monkeypatch)
    for name in PAGES:
        page = open_page(name, story_id=story)
        assert "not signed in" in markup_of(page), name
        assert "The Lamp" not in markup_of(page), name
        assert not page.button, name


def test_a_viewer_reads_pages(story: UUID, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes(Role.VIEWER, monkeypatch)
    for name in ("stories", "story", "codex", "review"):
        page = open_page(name, story_id=story)
        assert not page.exception, name
        assert "not yours to do" not in markup_of(page), name


@pytest.fixture
def asking(seed: Seed) -> UUID:
    """A story whose run has paused to ask, with somebody in it."""

    async def put(database: Database) -> UUID:
        story_id = await seed_tale(database, THE_TIDE_LEDGER, status=RunStatus.PAUSED, stage=Stage.OUTLINE, done=2)
        async with database.transaction() as tx:
            run = await tx.runs.find_latest(story_id)
            assert run is not None
            await tx.stories.add_characters([Character(story_id=story_id, number=1, name="Ines")])
            fact = Fact(story_id=story_id, subject="Ines", statement="Ines is late.", status=FactStatus.ESTABLISHED)
            await tx.canon.add_facts(
                [fact, fact.model_copy(update={"id": new_id(), "status": FactStatus.PROPOSED, "valid_from": 1})]
            )
            await tx.saved_views.keep(SavedView(page="metrics", name="All", asked={}))
            question = "Is this plan good?"
            await tx.runs.ask(ReviewItem(story_id=story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question=question))
        await seed_experiment(database)
        return story_id

    kept: UUID = seed(put)
    return kept


DESKS: list[dict[str, object]] = [
    {"name": "stories"},
    {"name": "story"},
    {"name": "story", "view": "plan", "scene": 1},
    {"name": "read"},
    {"name": "read", "scene": 1, "desk": "edit"},
    {"name": "read", "scene": 1, "desk": "again"},
    {"name": "codex", "view": "people", "person": 1},
    {"name": "codex", "view": "canon"},
    {"name": "review"},
    {"name": "experiments"},
    {"name": "metrics"},
]
HARMLESS = {"Look again"}
LINKS = (">Change<", ">change<", "desk=edit", "desk=again")


def controls_of(page: AppTest) -> list[str]:
    """What changes something: buttons, fields for prose and files, and our links to them."""
    buttons = [button.label for button in page.button if button.label not in HARMLESS]
    fields = [field.label for field in page.text_area] + ["a file" for _ in page.get("file_uploader")]
    return [*buttons, *fields, *(link for link in LINKS if link in markup_of(page))]


def test_only_who_may_change_something_sees_what_does(
    asking: UUID, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for desk in DESKS:
        becomes(Role.VIEWER, monkeypatch)
        page = open_page(**desk, story_id=asking)
        assert not page.exception, desk
        assert controls_of(page) == [], desk
        becomes(Role.EDITOR, monkeypatch)
        assert controls_of(open_page(**desk, story_id=asking)), desk


def test_only_an_admin_is_offered_to_remove_a_story(
    asking: UUID, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = {}
    for role in Role:
        becomes(role, monkeypatch)
        page = open_page("story", story_id=asking)
        offered[role] = "remove-yes" in {button.key for button in page.button}
    assert offered == {Role.VIEWER: False, Role.EDITOR: False, Role.ADMIN: True}


async def _start(studio: Studio) -> None:
    await studio.start_run("A keeper.")


async def _import(studio: Studio) -> None:
    await studio.import_manuscript("# T\n\n## One\n\nThe sea was quiet.")


async def _write_a_row(studio: Studio) -> None:
    async with studio.store.reading() as tx:
        await tx.stories.add(Story(title="By the back door"))


@pytest.mark.parametrize("command", [_start, _import, _write_a_row])
def test_a_viewer_changes_nothing_by_any_path(
    command: Callable[[Studio], Awaitable[None]],
    open_page: Open,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_page("system")
    before = count_rows(database_url)
    for role in (None, Role.VIEWER):
        becomes(role, monkeypatch)
        with pytest.raises(NotAllowed):
            backend().run(command)
        with pytest.raises(NotAllowed):
            backend().start(command).result(30)
    assert count_rows(database_url) == before
    becomes(Role.EDITOR, monkeypatch)
    backend().run(command)
    assert count_rows(database_url) != before
