"""The codex as of a scene: people, relations, facts and the order of events; and what is typed stays what it is."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.story import (
    Character,
    CharacterRole,
    CharacterState,
    Outline,
    Relationship,
    Scene,
    SceneBrief,
    SceneStatus,
    WorldElement,
    WorldElementKind,
)
from chorus.domain.value import new_id
from chorus.store import Database
from chorus.ui import codex, reads
from chorus.ui.chronology import count_mentions, story_order
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_the_codex_stands_as_of_a_scene(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    page = open_page("codex", story_id=story_id, as_of=1)
    shown = markup_of(page)
    assert not page.exception
    assert page.slider[0].value == 1
    assert "Ines &lt;b&gt;Marlow&lt;/b&gt;" in shown
    assert "at the dry room" in shown
    assert "No relation is noted at this point" in shown
    page.slider[0].set_value(4).run()
    shown = markup_of(page)
    assert page.query_params["as_of"] == "4"
    assert "at the tower" in shown
    assert "owes $5 and $6 to" in shown
    assert len(page.get("plotly_chart")) == 2


def test_facts_and_time_have_views_of_their_own(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    canon = markup_of(open_page("codex", story_id=story_id, view="canon", as_of=3))
    assert "The lamp is :red[green]." in canon
    assert "The lamp is :red[green]." not in markup_of(open_page("codex", story_id=story_id, view="canon", as_of=1))
    page = open_page("codex", story_id=story_id, view="time")
    assert "Everything is told in the order in which it happens." in markup_of(page)
    assert "A rule &amp; a half" in markup_of(open_page("codex", story_id=story_id, view="world"))


def test_what_the_plan_says_is_to_be_true_stands_below_the_canon(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    shown = markup_of(open_page("codex", story_id=story_id, view="canon"))
    assert "What is to be true" not in shown
    seed(partial(one_more_scene, story_id=story_id, ending="Ines <i>pays</i> $5."))
    reads.codex.clear()
    shown = markup_of(open_page("codex", story_id=story_id, view="canon"))
    assert "Ines &lt;i&gt;pays&lt;/i&gt; $5." in shown
    assert "planned · at the end of scene 10" in shown


def test_whom_facts_are_about_is_kept_in_the_url_and_what_is_cut_is_said(
    open_page: Open, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    story_id = seed(peopled)
    for number, subject in enumerate(("Bell", "Bell", "Ines")):
        seed(partial(established, story_id=story_id, subject=subject, statement=f"It is {number}."))
    page = open_page("codex", story_id=story_id, view="canon")
    page.selectbox(key="canon-about").select("Bell").run()
    assert page.query_params["about"] == "Bell"
    assert "2 facts" in markup_of(page)
    linked = open_page("codex", story_id=story_id, view="canon", about="Nobody known")
    assert linked.selectbox(key="canon-about").value == "Nobody known"
    assert "0 facts" in markup_of(linked)
    monkeypatch.setattr(codex, "MOST_FACTS", 3)
    shown = markup_of(open_page("codex", story_id=story_id, view="canon"))
    assert "the first 3 of 4 facts" in shown
    assert shown.count("<li><p") == 3


def test_scenes_planned_since_names_were_counted_do_no_harm(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    page = open_page("codex", story_id=story_id)
    seed(partial(one_more_scene, story_id=story_id))
    reads.codex.clear()
    page.run()
    assert not page.exception
    assert "Where they are named" in markup_of(page)
    assert "10 scenes" in markup_of(page)


async def one_more_scene(database: Database, story_id: UUID, ending: str = "") -> None:
    async with database.transaction() as tx:
        outline = await tx.stories.load_outline(story_id)
        last = outline.scenes[-1]
        other = {"id": new_id(), "number": last.number + 1, "revision_id": None, "status": SceneStatus.QUEUED}
        more = last.model_copy(update={**other, "brief": last.brief.model_copy(update={"exit": ending})})
        await tx.stories.add_outline(Outline(chapters=(), scenes=(more,)))


async def established(database: Database, story_id: UUID, subject: str, statement: str) -> None:
    fact = Fact(story_id=story_id, subject=subject, statement=statement, status=FactStatus.ESTABLISHED)
    async with database.transaction() as tx:
        await tx.canon.add_facts([fact])


def test_scenes_are_put_in_the_order_of_events() -> None:
    scenes = [scene(n, told) for n, told in enumerate(("Day 3, dawn", "Day one, night", "later", "the second day"), 1)]
    assert story_order(scenes) == [4, 1, 2, 3]


def test_people_are_counted_by_whole_names() -> None:
    ann = Character(story_id=new_id(), number=1, name="Ann Lee", aliases=("the keeper",))
    assert count_mentions(ann, ["Ann Lee met Ann. Anna saw the keeper.", "", "Annex"]) == [3, 0, 0]


def scene(number: int, told: str) -> Scene:
    brief = SceneBrief(purpose="", story_time=told)
    return Scene(story_id=new_id(), chapter_id=new_id(), number=number, title="", brief=brief)


async def peopled(database: Database) -> UUID:
    """The tide ledger with two of its people, what stands between them, and a fact that comes to hold in scene 3."""
    story_id = await seed_tale(database, THE_TIDE_LEDGER)
    ines = Character(story_id=story_id, number=1, name="Ines <b>Marlow</b>", role=CharacterRole.PROTAGONIST)
    toby = Character(story_id=story_id, number=2, name="Tobias", first_scene=2)
    known = {"story_id": story_id, "character_id": ines.id}
    async with database.transaction() as tx:
        third = await tx.stories.load_scene(story_id, 3)
        await tx.stories.add_characters([ines, toby])
        await tx.stories.add_relationships(
            [Relationship(**known, other_id=toby.id, kind="owes $5 and $6 to", valid_from=2)]
        )
        await tx.stories.add_world(
            [
                WorldElement(
                    story_id=story_id, number=1, kind=WorldElementKind.RULE, name="A rule & a half", description=""
                )
            ]
        )
        before = CharacterState(**known, scene_number=0, place="the dry room")
        later = await tx.stories.load_scene(story_id, 2)
        after = CharacterState(**known, scene_number=2, place="the tower", revision_id=later.revision_id)
        await tx.canon.add_states([before, after])
        await tx.canon.add_facts(
            [
                Fact(
                    story_id=story_id,
                    scene_id=third.id,
                    revision_id=third.revision_id,
                    subject="Lamp",
                    statement="The lamp is :red[green].",
                    valid_from=3,
                    status=FactStatus.ESTABLISHED,
                )
            ]
        )
    return story_id
