"""What a person changes in what is true: somebody, a relation, a fact; and what was read out of a text is settled."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from streamlit.testing.v1 import AppTest

from chorus.domain.canon import Fact, FactStatus
from chorus.store import Database
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_tale
from tests.pages.tales import THE_TIDE_LEDGER
from tests.pages.test_codex import peopled

type Seed = Callable[[Callable[[Database], Any]], Any]


def test_somebody_gets_another_name_after_a_look_at_what_it_touches(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    page = open_page("codex", story_id=story_id, view="people", person=2)
    field(page, "Name").set_value("Ines <b>Marlow</b>")
    press(page, "See what it touches")
    assert "Somebody else is called Ines &lt;b&gt;Marlow&lt;/b&gt;." in markup_of(page)
    field(page, "Name").set_value("Toby :red[Marsh]")
    press(page, "See what it touches")
    assert "What this would touch" in markup_of(page)
    assert seed(lambda database: names(database, story_id)) == [("Ines <b>Marlow</b>", ()), ("Tobias", ())]
    press(page, "Save this person")
    assert not page.exception
    assert ("Toby :red[Marsh]", ("Tobias",)) in seed(lambda database: names(database, story_id))
    assert "person" not in page.query_params


def test_something_in_the_world_is_changed_after_a_look_at_what_it_touches(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    assert "Change<span" in markup_of(open_page("codex", story_id=story_id, view="world"))
    page = open_page("codex", story_id=story_id, view="world", thing=1)
    field(page, "Description").set_value("Nobody :red[speaks].")
    press(page, "See what it touches")
    assert "A rule &amp; a half's description has changed" in markup_of(page).replace("&#x27;", "'")
    press(page, "Save this")
    assert not page.exception
    assert seed(lambda database: world(database, story_id)) == ["Nobody :red[speaks]."]
    assert "thing" not in page.query_params


def test_a_relation_and_a_fact_are_changed(open_page: Open, seed: Seed) -> None:
    story_id = seed(peopled)
    page = open_page("codex", story_id=story_id, view="people", as_of=4)
    field(page, "is (empty: nothing any more)").set_value("rival")
    press(page, "Save this relation")
    assert not page.exception
    assert seed(lambda database: ties(database, story_id)) == [("owes $5 and $6 to", 2, 3), ("rival", 4, None)]

    (fact,) = seed(lambda database: facts(database, story_id))
    page = open_page("codex", story_id=story_id, view="canon", as_of=4, fact=fact.id)
    field(page, "It says").set_value("The lamp is blue.")
    press(page, "Save this fact")
    assert not page.exception
    assert [fact.statement for fact in seed(lambda database: facts(database, story_id))] == ["The lamp is blue."]


def test_what_was_read_out_of_a_text_is_approved_or_refused(open_page: Open, seed: Seed) -> None:
    story_id = seed(with_proposals)
    assert "3 facts read out of its text" in markup_of(open_page("review"))
    page = open_page("review", story_id=story_id)
    assert "He owes &lt;i&gt;$5&lt;/i&gt; and $6." in markup_of(page)
    refuse = page.multiselect[0]
    refuse.select(refuse.options[1])
    press(page, "Approve the facts of scene 1")
    assert "1 fact approved, 1 refused." in markup_of(page)
    press(page, "Approve all 1")
    assert not page.exception
    assert "Nobody waits for you" in markup_of(page)
    assert [fact.number for fact in seed(lambda database: facts(database, story_id))] == [0, 2]


def press(page: AppTest, name: str) -> None:
    next(button for button in page.button if button.label == name).click().run()


def field(page: AppTest, name: str) -> Any:
    return next(each for each in (*page.text_input, *page.text_area) if each.label == name)


async def names(database: Database, story_id: UUID) -> list[tuple[str, tuple[str, ...]]]:
    async with database.transaction() as tx:
        return [(person.name, person.aliases) for person in await tx.stories.list_characters(story_id)]


async def world(database: Database, story_id: UUID) -> list[str]:
    async with database.transaction() as tx:
        return [element.description for element in await tx.stories.list_world(story_id)]


async def ties(database: Database, story_id: UUID) -> list[tuple[str, int, int | None]]:
    async with database.transaction() as tx:
        return [(tie.kind, tie.valid_from, tie.valid_to) for tie in await tx.stories.list_relationships(story_id)]


async def facts(database: Database, story_id: UUID) -> list[Fact]:
    async with database.transaction() as tx:
        return await tx.canon.list_facts(story_id)


async def with_proposals(database: Database) -> UUID:
    story_id = await seed_tale(database, THE_TIDE_LEDGER, status=None)
    said = [(1, "The sea is grey."), (1, "He owes <i>$5</i> and $6."), (2, "It rains.")]
    async with database.transaction() as tx:
        scenes = (await tx.stories.load_outline(story_id)).scenes
        read = [
            Fact(
                story_id=story_id,
                scene_id=scenes[number - 1].id,
                revision_id=scenes[number - 1].revision_id,
                number=place,
                subject="Sea",
                statement=statement,
                valid_from=number,
                status=FactStatus.PROPOSED,
            )
            for place, (number, statement) in enumerate(said)
        ]
        await tx.canon.add_facts(read)
    return story_id
