"""Every page, whatever it meets: an empty database, an unknown or broken link, a database that is not there."""

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from chorus.store.migrate import downgrade
from tests.conftest import ROOT
from tests.pages.conftest import Open, markup_of, with_driver
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_TIDE_LEDGER

PAGES = ("stories", "story", "read", "codex", "memory", "review", "metrics", "trace", "experiments", "system")
OF_ONE_STORY = ("story", "read", "codex", "metrics", "memory", "review")
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


def test_an_empty_database_invites(open_page: Open) -> None:
    for name in PAGES[:-1]:
        page = open_page(name)
        assert not page.exception, name
        assert "ch-state" in markup_of(page), name


def test_an_unknown_story_is_missing_from_the_book(open_page: Open) -> None:
    for name in OF_ONE_STORY:
        page = open_page(name, story_id=uuid4(), q="lamp")
        assert not page.exception, name
        assert "missing from the book" in markup_of(page), name


def test_a_broken_link_says_so(open_page: Open) -> None:
    broken_ids = ("nonsense", "1234", "<script>alert(1)</script>", "'; drop table story; --", "٣")
    for name, broken in itertools.product(OF_ONE_STORY, broken_ids):
        page = open_page(name, story_id=broken)
        assert not page.exception
        assert "missing from the book" in markup_of(page)
        assert broken not in markup_of(page)


def test_a_broken_number_is_left_out(open_page: Open) -> None:
    for name, broken in (("k", "-1"), ("k", "9" * 40), ("k", "x"), ("as_of", "1e9"), ("as_of", "²")):
        page = open_page("memory", **{name: broken})
        assert not page.exception
        assert page.number_input[0].value == 10


def test_a_broken_scene_opens_the_book_at_its_front(open_page: Open, seed: Callable[[Any], Any]) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    for scene in ("0", "-3", "99", "x", "9" * 30):
        page = open_page("read", story_id=story_id, scene=scene)
        assert not page.exception
        assert "What the Water Owes" in markup_of(page)


def test_without_a_database_every_page_explains_itself(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    for name in PAGES:
        page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
        page.query_params["story_id"] = str(uuid4())
        page.run()
        assert not page.exception, name
        assert "The archive is closed just now" in markup_of(page), name
        assert "nobody@" not in markup_of(page)
        assert [button.label for button in page.button if button.key == "retry"] == ["Try again"]


def test_a_page_recovers_when_the_database_comes_back(
    database_url: str, forgetful: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    page = AppTest.from_file(str(ROOT / "pages/stories.py"), default_timeout=30).run()
    assert "closed just now" in markup_of(page)
    monkeypatch.setenv("DATABASE_URL", database_url)
    page.button(key="retry").click().run()
    assert not page.exception
    assert "The shelves are still empty" in markup_of(page)


def test_a_database_without_tables_says_what_to_run(
    database_url: str, forgetful: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    downgrade(with_driver(database_url), "public", "base")
    monkeypatch.setenv("DATABASE_URL", database_url)
    page = AppTest.from_file(str(ROOT / "pages/stories.py"), default_timeout=30).run()
    assert not page.exception
    assert "chorus db upgrade" in markup_of(page)


def test_the_front_door_opens_on_the_library(open_page: Open) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not page.exception
    assert "<h1>Stories</h1>" in markup_of(page)
