"""Asking the memory for real: an imported tale, the embedder that ships, and the page over them."""

import asyncio
import re
from uuid import UUID

import pytest

from chorus.domain.search import Weights
from chorus.studio import open_studio
from tests.pages.conftest import Open, markup_of
from tests.pages.tales import THE_TIDE_LEDGER, Tale

QUESTION = "the diver's lamp burns yellow"


@pytest.fixture
def story_id(database_url: str, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The tale of the tide ledger, imported and remembered."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def remember() -> UUID:
        async with open_studio() as studio:
            return (await studio.import_manuscript(manuscript_of(THE_TIDE_LEDGER))).story_id

    return asyncio.run(remember())


def manuscript_of(tale: Tale) -> str:
    title, _, chapters = tale
    blocks = [f"# {title}"]
    for chapter, scenes in chapters:
        blocks.append(f"## {chapter}")
        for scene, _, text in scenes:
            blocks += [f"### {scene}", text]
    return "\n\n".join(blocks)


def test_a_question_is_answered_by_passages_a_chart_and_a_table(open_page: Open, story_id: UUID) -> None:
    page = open_page("memory", q=QUESTION, story_id=story_id, k=5)
    shown = markup_of(page)
    scores = [float(score) for score in re.findall(r'class="ch-hit-score"[^>]*>([-\d.]+)<', shown)]
    assert not page.exception
    assert shown.count('<li class="ch-hit">') == 5
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert re.search(rf"read\?story_id={story_id}&amp;scene=[5-8]\b", shown)
    assert len(page.get("plotly_chart")) == 1
    assert list(page.dataframe[0].value["Rank"]) == [1, 2, 3, 4, 5]


def test_the_url_holds_the_question_and_gives_it_back(open_page: Open, story_id: UUID) -> None:
    page = open_page("memory", q=QUESTION, story_id=story_id, k=3, as_of=2)
    assert page.text_input[0].value == QUESTION
    assert page.selectbox(key="memory-story").value == story_id
    assert [field.value for field in page.number_input][:2] == [3, 2]
    page.number_input[0].set_value(4).run()
    page.number_input[1].set_value(6).run()
    page.text_input[0].set_value("the council & the bell?").run()
    kept = {"q": "the council & the bell?", "story_id": str(story_id), "k": "4", "as_of": "6"}
    assert {name: page.query_params[name] for name in kept} == kept


def test_as_of_a_scene_nothing_later_is_known(open_page: Open, story_id: UUID) -> None:
    page = open_page("memory", q=QUESTION, story_id=story_id, as_of=2)
    scenes = set(page.dataframe[0].value["Scene"])
    assert scenes
    assert max(scenes) <= 2


def test_filters_and_weights_are_in_the_url_and_change_the_order(open_page: Open, story_id: UUID) -> None:
    asked = {"q": QUESTION, "story_id": story_id, "k": 8}
    told = f"1,0,{Weights().story:g},0,0,0"
    page = open_page("memory", **asked)
    usual = list(page.dataframe[0].value["Text"])
    assert "<mark>lamp</mark>" in markup_of(page)
    page.slider(key="weight-lexical").set_value(0.0)
    page.slider(key="weight-vector").set_value(1.0).run()
    assert not page.exception
    assert page.query_params["w"] == told
    assert list(page.dataframe[0].value["Text"]) != usual
    assert "was no." in markup_of(page)
    again = open_page("memory", **asked, w=told, chapter=2, kinds="passage", group="scene")
    assert not again.exception
    assert again.slider(key="weight-vector").value == 1.0
    assert set(again.dataframe[0].value["Kind"]) == {"Passage"}
    assert min(again.dataframe[0].value["Scene"]) > 1
    assert len(set(again.dataframe[0].value["Scene"])) == len(again.dataframe[0].value)
    for broken in ("x", "1,2", "9,9,9,9,9,9", "nan,0,0,0,0,0"):
        assert open_page("memory", **asked, w=broken).slider(key="weight-vector").value == Weights().vector


def test_a_query_may_be_anything(open_page: Open, story_id: UUID) -> None:
    for query in ("$5 and $6 :red[x] <script>alert(1)</script>", "שלום 🦉", "'; drop table memory; --", "%_\\", "\x00"):
        page = open_page("memory", q=query)
        assert not page.exception
        assert "<script>" not in markup_of(page)
