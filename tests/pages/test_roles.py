"""What a viewer, an editor and somebody without a role meet on the pages: the server decides, not the page."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.story import Story
from chorus.errors import NotAllowed
from chorus.settings import Role
from chorus.store import Database
from chorus.studio import Studio
from chorus.ui import backend as backend_module
from chorus.ui import visitor
from chorus.ui.backend import backend
from tests.databases import count_rows
from tests.pages.conftest import Open, markup_of

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
