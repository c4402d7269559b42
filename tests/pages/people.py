"""Who is in the tale of the tide ledger, what holds in it, and what was found: a codex with something on every page."""

from uuid import UUID

from chorus.domain.canon import Fact, FactStatus, Finding, FindingCategory, Severity
from chorus.domain.run import ReviewItem, ReviewKind
from chorus.domain.story import (
    Character,
    CharacterRole,
    CharacterState,
    Relationship,
    WorldElement,
    WorldElementKind,
)
from chorus.store import Database, Transaction

_CAST = (
    ("Ines Marlow", CharacterRole.PROTAGONIST, "The tide-keeper of Saltreach, nineteen years at a dull book.", None),
    ("Tobias Renn", CharacterRole.ALLY, "A bell diver, who owns a lamp that burns under water.", 2),
    ("Councillor Haddow", CharacterRole.ANTAGONIST, "Speaks for seven frightened people, and pays for bronze.", 3),
    ("Her mother", CharacterRole.MINOR, "Kept the ledger before Ines, and was laughed at in church.", 4),
)
_WORLD = (
    (WorldElementKind.PLACE, "Saltreach", "A harbour town that the sea takes back street by street."),
    (WorldElementKind.OBJECT, "The tide ledger", "Water, wind and boats by the day; now and then a day to come."),
    (WorldElementKind.RULE, "Twenty minutes", "The lamp burns white that long, then yellow for two more."),
)
_TIES = (
    (1, 2, "old friend of", "They learned to row in the same boat.", 2),
    (3, 2, "employer of", "Five hundred in coin for the bell.", 3),
    (1, 4, "daughter of", "", 4),
    (1, 3, "at odds with", "He will not wait until Friday.", 3),
)
_FACTS = (
    (1, "The tide ledger", "The ledger has an entry for Thursday, in Ines's hand.", ("Ines Marlow",)),
    (2, "Tobias Renn", "Tobias means to go down to the bell tower.", ("Ines Marlow", "Tobias Renn")),
    (3, "Councillor Haddow", "The council pays five hundred for the bell.", ()),
    (4, "Her mother", "Her mother wrote of the surge three days before it came.", ("Ines Marlow",)),
    (8, "Tobias Renn", "The bell's yoke lies across his legs.", ()),
)
_STATES = (
    (1, 0, "the dry room", "tired"),
    (1, 4, "the tower of ledgers", "shaken"),
    (2, 8, "under the bell", "pinned"),
)


async def people_the_ledger(database: Database, story_id: UUID) -> None:
    """Give the tale its cast, world, ties and canon."""
    cast = [
        Character(story_id=story_id, number=number, name=name, role=role, description=told, first_scene=first)
        for number, (name, role, told, first) in enumerate(_CAST, 1)
    ]
    ids = {person.number: person.id for person in cast}
    async with database.transaction() as tx:
        scenes = {scene.number: scene for scene in (await tx.stories.load_outline(story_id)).scenes}
        await tx.stories.add_characters(cast)
        await tx.stories.add_world(
            [
                WorldElement(story_id=story_id, number=number, kind=kind, name=name, description=told)
                for number, (kind, name, told) in enumerate(_WORLD, 1)
            ]
        )
        await tx.stories.add_relationships(
            [
                Relationship(
                    story_id=story_id,
                    character_id=ids[one],
                    other_id=ids[other],
                    kind=kind,
                    description=told,
                    valid_from=since,
                )
                for one, other, kind, told, since in _TIES
            ]
        )
        await tx.canon.add_states(
            [
                CharacterState(
                    story_id=story_id,
                    character_id=ids[person],
                    scene_number=number,
                    place=place,
                    condition=condition,
                    revision_id=scenes[number].revision_id if number else None,
                )
                for person, number, place, condition in _STATES
            ]
        )
        await tx.canon.add_facts(
            [
                Fact(
                    story_id=story_id,
                    scene_id=scenes[number].id,
                    revision_id=scenes[number].revision_id,
                    subject=subject,
                    statement=statement,
                    known_by=known_by,
                    valid_from=number,
                    status=FactStatus.ESTABLISHED,
                )
                for number, subject, statement, known_by in _FACTS
            ]
        )


async def ask_about_a_finding(tx: Transaction, story_id: UUID, scene: int, quote: str, other: tuple[int, str]) -> None:
    """Let the crew ask about a contradiction between two scenes; both quotes are words of theirs."""
    run, kept = await tx.runs.find_latest(story_id), await tx.stories.load_scene(story_id, scene)
    assert run is not None
    assert kept.revision_id is not None
    about = {"story_id": story_id, "scene_id": kept.id}
    finding = Finding(
        **about,
        revision_id=kept.revision_id,
        category=FindingCategory.DETAIL,
        severity=Severity.MAJOR,
        description="The two texts do not agree.",
        quote=quote,
        other_quote=other[1],
        other_scene=other[0],
    )
    await tx.canon.add_findings([finding])
    await tx.runs.ask(
        ReviewItem(
            **about,
            run_id=run.id,
            kind=ReviewKind.FINDING,
            question=f"Scene {scene} contradicts scene {other[0]}. Which of them is right?",
            details={"revision_id": str(kept.revision_id)},
        )
    )
