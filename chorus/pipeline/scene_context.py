"""Gather what may be told about a scene, and choose: the same rows and recalled memories give the same prompt."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from chorus.agents.names import match, mentioned
from chorus.agents.prompts.frame import tell_character, tell_element
from chorus.continuity import Dead
from chorus.continuity.seams import ending_of
from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.context import ContextItem, ItemKind, SceneContext, StoryFrame
from chorus.domain.story import CharacterState, Relationship, Scene, SceneDigest, WorldElement
from chorus.domain.ties import holds
from chorus.errors import PromptTooLong
from chorus.memory import assemble, tell_state
from chorus.pipeline.desk import Desk
from chorus.pipeline.questions import open_questions
from chorus.pipeline.sheet import Sheet
from chorus.pipeline.state import SceneState
from chorus.store import Transaction

LEAST_TOKENS = 250
"""What a scene is told at least; a model that cannot read that beside the scene itself is of no use for it."""
MOST_SUMMARIES = 12
MOST_QUESTIONS = 4
MOST_LORE = 3
"""What is beyond these is told in the room there is for what is further back: prompts do not grow with the story."""


async def load_context(desk: Desk, sheet: Sheet, state: SceneState) -> SceneContext:
    """Choose what the prompts of a scene are told; all of them are told the same."""
    if sheet.context is None:
        tokens = await desk.context_tokens_of(sheet.scene.number)
        async with desk.reading() as tx:
            items = await _gather(desk, tx, sheet, state)
        sheet.context = assemble(items, tokens)
    return sheet.context


async def within_reach[T](
    desk: Desk, sheet: Sheet, state: SceneState, ask: Callable[[SceneContext], Awaitable[T]]
) -> T:
    """Ask with what may be told, and with half as much again and again where a model cannot read that much.

    It is noted for the scene, so that a run that was stopped goes on with the same prompts. Raises as ``ask`` does.
    """
    while True:
        context = await load_context(desk, sheet, state)
        try:
            return await ask(context)
        except PromptTooLong:
            if context.budget_tokens < 2 * LEAST_TOKENS:
                raise
            await desk.tell_less(sheet.scene.number)
            sheet.context = None


async def _gather(desk: Desk, tx: Transaction, sheet: Sheet, state: SceneState) -> list[ContextItem]:
    scene = sheet.scene
    states = await tx.canon.list_states(scene.story_id, sheet.seen)
    sheet.dead = dead_of(sheet.frame, states)
    hits = {UUID(hit["memory_id"]): hit for hit in state["memories"]}
    memories = await tx.memories.load_many(list(hits))
    ending = ending_of(await load_text_before(desk, tx, scene)) if sheet.seen == scene.number - 1 else ""
    ties = [tie for tie in await tx.stories.list_relationships(scene.story_id) if holds(tie, sheet.seen)]
    return list_items(sheet, state, states, memories, ending, ties)


def list_items(
    sheet: Sheet,
    state: SceneState,
    states: Sequence[CharacterState],
    memories: Sequence[Memory],
    ending: str,
    ties: Sequence[Relationship] = (),
) -> list[ContextItem]:
    """All that may be told of a scene, what matters most first; last what is further back, the nearest first."""
    frame, scene, digests = sheet.frame, sheet.scene, sheet.digests
    questions, far_questions = _questions(sheet)
    world, summaries = _world(frame, state), _summaries(digests)
    further = [*far_questions, *summaries[MOST_SUMMARIES:], *world[MOST_LORE:]]
    return [
        *_people(frame, scene),
        *_contract(ending, scene),
        *_plan(sheet),
        *_states(frame, scene, states),
        *questions,
        *world[:MOST_LORE],
        *summaries[:MOST_SUMMARIES],
        *_recalled(memories, state, scene.brief.cast),
        *_ties(frame, scene, ties),
        *(item.model_copy(update={"spare": True}) for item in further),
    ]


def dead_of(frame: StoryFrame, states: Sequence[CharacterState]) -> tuple[Dead, ...]:
    """Who is dead when a scene begins."""
    names = {character.id: character.name for character in frame.characters}
    return tuple(
        Dead(name=name, quote=tell_state(name, state), scene=state.scene_number or None)
        for state in states
        if not state.alive and (name := names.get(state.character_id))
    )


async def dead_before(tx: Transaction, frame: StoryFrame, scene: Scene) -> set[str]:
    """The names of those who are dead when a scene begins, by all that is approved before it."""
    return {dead.name for dead in dead_of(frame, await tx.canon.list_states(scene.story_id, scene.number - 1))}


def choose_lore(frame: StoryFrame, scene: Scene) -> list[WorldElement]:
    """The world elements a scene is about: its place first, then those its brief names, then the rest."""
    brief = scene.brief
    place = match(brief.place, [element.name for element in frame.world])
    told = " ".join([brief.purpose, brief.place, *brief.beats]).casefold()
    return sorted(
        frame.world,
        key=lambda element: (element.name != place, element.name.casefold() not in told, element.number),
    )


def _people(frame: StoryFrame, scene: Scene) -> list[ContextItem]:
    named = mentioned(" ".join([scene.brief.purpose, *scene.brief.beats]), frame.characters)
    present = [c for c in frame.characters if c.name in scene.brief.cast]
    others = [c for c in named if c not in present]
    return [
        ContextItem(kind=ItemKind.CHARACTER, source=f"cast: {c.name}", text=tell_character(c), always=c in present)
        for c in [*present, *others]
    ]


def _contract(ending: str, scene: Scene) -> list[ContextItem]:
    """How the scene before ended, as far as that is written, and how it should have according to the plan."""
    source, entry = f"scene {scene.number - 1}", scene.brief.entry
    told = [ContextItem(kind=ItemKind.ENDING, source=source, text=ending, always=True)] if ending else []
    if entry:
        told.append(ContextItem(kind=ItemKind.ENTRY, source=f"plan of {source}", text=entry, always=True))
    return told


def _plan(sheet: Sheet) -> list[ContextItem]:
    """What scenes that are written at the same time are planned to tell, the nearest first."""
    return [
        ContextItem(kind=ItemKind.PLAN, source=f"plan of scene {scene.number}", text=scene.brief.purpose)
        for scene in reversed(sheet.between)
    ]


def _states(frame: StoryFrame, scene: Scene, states: Sequence[CharacterState]) -> list[ContextItem]:
    names = {character.id: character.name for character in frame.characters}
    return [
        ContextItem(
            kind=ItemKind.STATE,
            source=f"scene {state.scene_number}",
            text=tell_state(names[state.character_id], state),
            always=True,
        )
        for state in states
        if names.get(state.character_id) in scene.brief.cast and state.scene_number > 0
    ]


def _questions(sheet: Sheet) -> tuple[list[ContextItem], list[ContextItem]]:
    """What is open: by the plan and of late, always told; and what was opened long ago, the latest first."""
    planned = [_question(f"plan of scene {n}", text, always=True) for n, text in sheet.threads]
    still = open_questions(sheet.digests)
    late = [_question(f"scene {n}", text, always=True) for n, text in still[-MOST_QUESTIONS:]]
    return [*planned, *late], [_question(f"scene {n}", text) for n, text in reversed(still[:-MOST_QUESTIONS])]


def _question(source: str, text: str, *, always: bool = False) -> ContextItem:
    return ContextItem(kind=ItemKind.QUESTION, source=source, text=text, always=always)


def _world(frame: StoryFrame, state: SceneState) -> list[ContextItem]:
    by_id = {str(element.id): element for element in frame.world}
    lore = [by_id[element_id] for element_id in state["lore"] if element_id in by_id]
    return [ContextItem(kind=ItemKind.WORLD, source=f"world: {e.name}", text=tell_element(e)) for e in lore]


def _summaries(digests: Sequence[tuple[int, SceneDigest]]) -> list[ContextItem]:
    """The newest first, since it is worth most; they are told in story order."""
    return [
        ContextItem(kind=ItemKind.SUMMARY, source=f"scene {number}", text=digest.summary)
        for number, digest in reversed(digests)
    ]


def _ties(frame: StoryFrame, scene: Scene, ties: Sequence[Relationship]) -> list[ContextItem]:
    """What those in the scene are to one another."""
    names = {character.id: character.name for character in frame.characters}
    return [
        ContextItem(
            kind=ItemKind.STATE,
            source=f"scene {tie.valid_from}" if tie.valid_from else "before the story",
            text=f"To {names[tie.other_id]}, {names[tie.character_id]} is {_inner(tie.kind)}.",
        )
        for tie in ties
        if {names.get(tie.character_id), names.get(tie.other_id)} <= set(scene.brief.cast)
    ]


def _inner(kind: str) -> str:
    """What somebody is, as it stands within a sentence; a name and an acronym keep their capitals."""
    first, _, rest = kind.strip().rstrip(".").partition(" ")
    article = first.casefold() in {"a", "an", "the", "his", "her", "their"}
    return f"{first.lower() if article else first} {rest}".strip()


def _recalled(memories: Sequence[Memory], state: SceneState, cast: Sequence[str]) -> list[ContextItem]:
    by_id = {str(memory.id): memory for memory in memories}
    return [
        ContextItem(
            kind=ItemKind.MEMORY,
            source=f"scene {memory.scene_number}" if memory.scene_number else "before the story",
            text=_with_who_knows(memory, cast),
            memory_id=memory.id,
            score=hit["score"],
            rank=hit["rank"],
            legs=hit["legs"],
        )
        for hit in state["memories"]
        if (memory := by_id.get(hit["memory_id"]))
    ]


def _with_who_knows(memory: Memory, cast: Sequence[str]) -> str:
    """A fact, and who knows it where that is not everybody in the scene."""
    knowing = [name for name in memory.known_by if name in cast]
    if memory.kind is not MemoryKind.FACT or not memory.known_by or len(knowing) == len(cast):
        return memory.text
    return f"{memory.text} (Known to {', '.join(knowing or memory.known_by)}.)"


async def load_text_before(desk: Desk, tx: Transaction, scene: Scene) -> str:
    """The text of the scene before, as it was committed."""
    if scene.number == 1:
        return ""
    number, text = desk.before
    if number == scene.number - 1:
        return text
    before = await tx.stories.load_scene(scene.story_id, scene.number - 1)
    return (await tx.stories.load_revision(before.revision_id)).text if before.revision_id else ""
