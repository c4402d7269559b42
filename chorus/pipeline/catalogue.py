"""Read out of a scene what later scenes need; what the answers were no use for is ``late``'s to make up for."""

from collections.abc import Sequence

from chorus.agents.continuity_editor import Digest
from chorus.domain.context import ContextItem, ItemKind, SceneContext, StoryFrame
from chorus.domain.story import (
    Character,
    CharacterRole,
    CharacterState,
    Newcomer,
    Revision,
    Scene,
    SceneDigest,
)
from chorus.errors import AnswerUnusable
from chorus.memory import assemble
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.pause import bear
from chorus.pipeline.questions import open_questions
from chorus.store import Transaction

MOST_CHARACTERS = 40
MOST_QUESTIONS = 4


async def catalogue(
    desk: Desk, frame: StoryFrame, scene: Scene, revision: Revision, before: list[tuple[int, SceneDigest]], node: str
) -> Digest | None:
    """Ask what the text brings; None, and a word about it, if no answer can be used: the story does not wait for it.

    Raises:
        PausedForPerson: that has happened three times in a row now, each time in the same way.
    """
    kind = node.rstrip("/0123456789")
    try:
        read = await read_scene(desk, frame, scene, revision, before, node)
    except AnswerUnusable as error:
        async with desk.writing() as page:
            message = f"Scene {scene.number} could not be catalogued: {error}"
            page.record("catalogue_put_off", message, scene.number)
        await bear(desk, kind, error)
        return None
    desk.slips.went_well(kind)
    return read


async def read_scene(
    desk: Desk, frame: StoryFrame, scene: Scene, revision: Revision, before: list[tuple[int, SceneDigest]], node: str
) -> Digest:
    """Ask what the text brings; raises AnswerUnusable, and whatever else may end a call."""
    questions = await _questions(desk, scene, before)
    asked = [item.text for item in questions.told(ItemKind.QUESTION)]
    return await desk.crew.editor.digest_scene(
        frame, scene, revision, asked, desk.site(node, scene.number, questions.manifest)
    )


async def _questions(desk: Desk, scene: Scene, before: list[tuple[int, SceneDigest]]) -> SceneContext:
    """The open questions that a text may answer: all that the plan has opened, and the latest of the others."""
    if sheet := desk.sheets.get(scene.number):  # it is at work
        planned = list(sheet.threads)
    else:
        async with desk.reading() as tx:
            planned = open_questions(await tx.stories.list_threads(scene.story_id, scene.number))
    late = open_questions(before)[-MOST_QUESTIONS:]
    told = [(f"plan of scene {n}", text) for n, text in planned] + [(f"scene {n}", text) for n, text in late]
    items = [ContextItem(kind=ItemKind.QUESTION, source=source, text=text, always=True) for source, text in told]
    return assemble(items, desk.run.settings.context_tokens)


async def keep_digest(page: Page, revision: Revision, read: Digest) -> None:
    """Keep what was read out of a text; it is proposed until the scene is approved."""
    await page.tx.stories.save_digest(revision.model_copy(update={"digest": read.digest}))
    await page.tx.canon.add_facts(read.facts)
    await page.tx.canon.add_states(read.states)


async def welcome(tx: Transaction, frame: StoryFrame, scene: Scene, revision: Revision) -> list[Character]:
    """Make those first met in a text members of the cast, with how they stand when it ends."""
    met = newcomers_of(revision.digest, frame, scene) if revision.digest else []
    if revision.digest and met:
        await tx.stories.add_characters(met)
        await tx.canon.add_states(_first_states(revision.digest, met, scene, revision))
    return met


def _first_states(
    digest: SceneDigest, met: Sequence[Character], scene: Scene, revision: Revision
) -> list[CharacterState]:
    told = {newcomer.name: newcomer for newcomer in digest.newcomers}
    return [
        CharacterState(
            story_id=scene.story_id,
            character_id=character.id,
            scene_number=scene.number,
            revision_id=revision.id,
            place=newcomer.place,
            condition=newcomer.condition,
            goal=newcomer.goal,
            alive=newcomer.alive,
        )
        for character in met
        for newcomer in [told[character.name]]
        if newcomer.is_told_of
    ]


def newcomers_of(digest: SceneDigest, frame: StoryFrame, scene: Scene) -> list[Character]:
    """Those first met in this scene, as members of the cast."""
    room = max(0, MOST_CHARACTERS - len(frame.characters))
    first = max((character.number for character in frame.characters), default=0) + 1
    taken = {character.name for character in frame.characters}
    fresh = [newcomer for newcomer in digest.newcomers if newcomer.name not in taken][:room]
    return [_character(newcomer, number, scene) for number, newcomer in enumerate(fresh, first)]


def _character(newcomer: Newcomer, number: int, scene: Scene) -> Character:
    return Character(
        story_id=scene.story_id,
        number=number,
        name=newcomer.name,
        role=CharacterRole.MINOR,
        description=newcomer.description,
        first_scene=scene.number,
    )
