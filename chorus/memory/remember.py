"""Make memories of what was approved: summary, facts and overlapping passages of a scene; lore of world and cast."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from chorus.continuity.lexicon import TITLES
from chorus.domain.canon import Fact, FactStatus, Memory, MemoryKind
from chorus.domain.prose import windows
from chorus.domain.story import Character, CharacterState, Revision, Scene, Story, WorldElement
from chorus.store import Transaction

_WORD = re.compile(r"\w+")
_NO_PARTS = TITLES | {"the"}
PASSAGE = 500
"""Characters that a passage has at least, if its scene has (decision 0037)."""
LONGEST_PASSAGE = 1_200
"""Characters; what has no sentence ends is cut at white space, with an overlap."""
OVERLAP = 200


async def remember_scene(tx: Transaction, scene: Scene, revision: Revision) -> None:
    """Make anew what is remembered of a scene: of the text that holds, and of what is canon and stands in it."""
    facts = [fact for fact in await tx.canon.list_facts_of(revision.id) if fact.status is FactStatus.ESTABLISHED]
    states = await tx.canon.list_states_of(revision.id)
    await tx.memories.replace(scene.id, memories_of_scene(scene, revision, facts, states))


def memories_of_scene(
    scene: Scene, revision: Revision, facts: Sequence[Fact], states: Sequence[tuple[str, CharacterState]] = ()
) -> list[Memory]:
    """Remember an approved scene; spans point into the revision's text. ``states``: (name, how they stand after it)."""
    summary = revision.digest.summary if revision.digest else ""
    cast = scene.brief.cast
    of_scene = partial(
        Memory,
        story_id=scene.story_id,
        scene_id=scene.id,
        revision_id=revision.id,
        scene_number=scene.number,
        valid_from=scene.number,
    )
    told = [of_scene(kind=MemoryKind.SCENE_SUMMARY, text=summary, entities=cast, importance=0.7)] if summary else []
    told += [
        of_scene(
            kind=MemoryKind.FACT,
            text=fact.statement,
            span_start=fact.span_start,
            span_end=fact.span_end,
            entities=_concerned(fact, cast),
            known_by=fact.known_by or cast,
            importance=0.6,
            valid_to=fact.valid_to,
        )
        for fact in facts
    ]
    told += [
        of_scene(kind=MemoryKind.PASSAGE, text=revision.text[a:b], span_start=a, span_end=b, entities=cast)
        for a, b in passages(revision.text)
    ]
    standing = [
        of_scene(
            kind=MemoryKind.CHARACTER_STATE, number=n, text=tell_state(name, state), entities=(name,), importance=0.6
        )
        for n, (name, state) in enumerate(states, 1)
    ]
    return [memory.model_copy(update={"number": n}) for n, memory in enumerate(told, 1)] + standing


def _concerned(fact: Fact, cast: Sequence[str]) -> tuple[str, ...]:
    """Whom and what a fact is about: its subject, and those of its scene whom it names, in full or by a part."""
    said = f"{fact.subject} {fact.statement}"
    words = set(_WORD.findall(said))
    named = [name for name in (*cast, *fact.known_by) if name in said or words & _parts_of(name)]
    return tuple(dict.fromkeys([fact.subject, *named] if fact.subject else named))


def _parts_of(name: str) -> set[str]:
    return {w for w in _WORD.findall(name) if w[0].isupper() and len(w) > 2 and w.casefold() not in _NO_PARTS}


def passages(text: str) -> list[tuple[int, int]]:
    """Find overlapping passages of some sentences as (start, end) spans, none of them overlong."""
    spans = windows(text, PASSAGE)
    return list(dict.fromkeys(piece for span in spans for piece in _cut(text, *span)))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_PASSAGE:
        last = start + LONGEST_PASSAGE
        space = text.rfind(" ", last - OVERLAP, last)
        stop = space if space >= 0 else last
        yield start, stop
        space = text.rfind(" ", stop - OVERLAP, stop - OVERLAP // 2)
        start = space + 1 if space >= 0 else stop - OVERLAP
    yield start, end


def tell_state(name: str, state: CharacterState) -> str:
    """Say in a sentence how a character stands."""
    if not state.alive:
        return f"{name} is dead."
    parts = [state.place, state.condition, state.goal and f"wanting {state.goal[0].lower()}{state.goal[1:]}"]
    told = "; ".join(part.rstrip(".") for part in parts if part)
    return f"{name}: {told}." if told else f"{name} is there."


def memories_of_lore(story: Story, world: Sequence[WorldElement], characters: Sequence[Character]) -> list[Memory]:
    """Remember what holds before the story begins."""
    told = [(element.name, f"{element.name}: {element.description}") for element in world if element.description]
    told += [(c.name, f"{c.name}: {c.description}") for c in characters if c.description]
    return [
        Memory(
            story_id=story.id,
            kind=MemoryKind.LORE,
            number=number,
            text=text,
            entities=(name,),
        )
        for number, (name, text) in enumerate(told, 1)
    ]
