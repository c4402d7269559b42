from collections.abc import Callable

import pytest

from chorus.domain.run import RunStatus
from chorus.domain.search import Hits, Weights
from tests.unit.cli.conftest import Said
from tests.unit.cli.fakes import RUN, STORY, FakeStudio, hit, summary

Chorus = Callable[..., Said]


@pytest.mark.parametrize("command", ["runs", "stories"])
def test_nothing_yet_is_an_empty_list_and_a_hint(chorus: Chorus, studio: FakeStudio, command: str) -> None:
    assert chorus(command, "--json").json == []
    said = chorus(command)
    assert (said.code, said.err) == (0, "")
    assert "`chorus write PREMISE`" in said.out


def test_runs_are_told_as_write_tells_them(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add()
    (row,) = chorus("runs", "--json").json
    assert (row["run_id"], row["story_id"], row["status"]) == (str(RUN), str(STORY), "complete")
    assert (row["scenes"], row["words"], row["llm_calls"]) == (2, 6, 9)
    table = chorus("runs").out
    assert "7c1d22aa" in table
    assert "$0.0125" in table


def test_a_run_that_its_process_left_is_told_as_left(chorus: Chorus, studio: FakeStudio) -> None:
    studio.summaries[RUN] = summary(status=RunStatus.RUNNING, is_held=True)
    assert "running" in chorus("runs").out
    studio.summaries[RUN] = summary(status=RunStatus.RUNNING, is_held=False)
    out = chorus("runs").out
    assert "running" not in out
    assert "`chorus resume 7c1d22aa` goes on with it" in out


def test_stories_have_their_id_under_its_name(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add()
    (row,) = chorus("stories", "--json").json
    assert row["story_id"] == str(STORY)
    assert "id" not in row
    assert "3f2a91bc" in chorus("stories").out


def test_show_tells_chapters_scenes_and_texts(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add()
    told = chorus("show", str(STORY), "--json").json
    assert (told["story_id"], told["title"], told["run_status"]) == (str(STORY), "The Lamp", "complete")
    assert (told["scenes"], told["scenes_planned"], told["words"]) == (1, 2, 3)
    (chapter,) = told["chapters"]
    assert [(s["scene_number"], s["text"]) for s in chapter["scenes"]] == [(1, "It burned low."), (2, "")]
    assert told["characters"][0]["name"] == "Mara"
    page = chorus("show", "3f2a").out
    assert "A lamp goes out." in page
    assert "1. Dusk" in page


def test_a_malformed_story_id_names_the_command_that_lists_them(chorus: Chorus, studio: FakeStudio) -> None:
    for command in ("show", "export"):
        said = chorus(command, "nonsense")
        assert said.code == 2
        assert "`chorus stories` lists them" in said.err
    assert "no story id" in chorus("search", "lamp", "--story", "nonsense").err


def test_search_tells_hits_with_their_scores(chorus: Chorus, studio: FakeStudio) -> None:
    studio.hits = Hits([hit(1, "The lamp\nburned."), hit(2, "Oil.")])
    told = chorus("search", "lamp", "--k", "2", "--as-of", "3", "--json").json
    assert [(h["rank"], h["scene_number"], h["kind"]) for h in told] == [(1, 1, "passage"), (2, 1, "passage")]
    assert set(told[0]) >= {"story_id", "text", "score"}
    assert studio.asked[0][:2] == ("search", ("lamp", None, 2, 3, ()))
    assert "The lamp burned." in chorus("search", "lamp").out


def test_search_takes_every_filter(chorus: Chorus, studio: FakeStudio) -> None:
    options = ["--kind", "fact", "--kind", "lore", "--character", "Mara", "--place", "The Bay", "--chapter", "2"]
    chorus("search", "lamp", "--group", "scene", *options, "--recency", "0.5", "--entities", "2")
    (_, given, filters), *_ = studio.asked
    assert given[4] == ("fact", "lore")
    assert filters.pop("weights") == Weights(recency=0.5, entities=2)
    assert filters == {"group": "scene", "character": "Mara", "place": "The Bay", "chapter": 2}
    said = chorus("search", "lamp", "--kind", "rumour")
    assert (said.code, "character_state" in said.err) == (2, True)


def test_search_says_what_it_could_not_do(chorus: Chorus, studio: FakeStudio) -> None:
    studio.hits = Hits([hit(1, "Oil.")], words_only="Nobody answers there.")
    assert "Nobody answers there." in chorus("search", "lamp", "--json").err
    studio.hits = Hits([hit(1, "Oil.")], pending=1200)
    assert "1,200" in chorus("search", "lamp").err


def test_what_a_title_holds_cannot_steer_a_terminal(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(title="\x1b[31mred\x07 [bold]x[/bold] :smile: \u202eevil")
    out = chorus("runs").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[31mred [bold]x[/bold] :smile: evil" in out


def test_a_story_is_removed_only_when_that_is_meant(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add()
    asked = chorus("remove", "3f2a")
    assert (asked.code, STORY in studio.stories) == (0, True)
    assert "2 scenes, 6 words. Nothing was removed." in asked.out
    assert "chorus remove 3f2a91bc --yes" in asked.err
    told = chorus("remove", "3f2a", "--yes", "--json").json
    assert (told["story_id"], told["title"], told["removed"]) == (str(STORY), "The Lamp", True)
    assert studio.stories == {}
    assert chorus("remove", str(STORY), "--yes").code == 2
