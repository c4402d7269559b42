"""Make memories of what was approved: summary, facts and overlapping passages of a scene; lore of world and cast."""

from collections.abc import Iterator, Sequence

from chorus.domain.canon import Fact, Memory, MemoryKind
from chorus.domain.prose import windows
from chorus.domain.story import Character, CharacterState, Revision, Scene, Story, WorldElement

PASSAGE = 500
"""Characters that a passage has at least, if its scene has (decision 0037)."""
LONGEST_PASSAGE = 1_200
"""Characters; what has no sentence ends is cut at white space, with an overlap."""
OVERLAP = 200


def memories_of_scene(
    scene: Scene, revision: Revision, facts: Sequence[Fact], states: Sequence[tuple[str, CharacterState]] = ()
) -> list[Memory]:
    """Remember an approved scene; spans point into the revision's text. ``states``: (name, how they stand after it)."""
    summary = revision.digest.summary if revision.digest else ""
    cast = scene.brief.cast
    texts: list[tuple[MemoryKind, str, int | None, int | None, float, tuple[str, ...]]] = []
    if summary:
        texts.append((MemoryKind.SCENE_SUMMARY, summary, None, None, 0.7, cast))
    texts += [(MemoryKind.FACT, f.statement, f.span_start, f.span_end, 0.6, f.known_by or cast) for f in facts]
    texts += [(MemoryKind.PASSAGE, revision.text[a:b], a, b, 0.5, cast) for a, b in passages(revision.text)]
    remembered = [
        Memory(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=revision.id,
            scene_number=scene.number,
            kind=kind,
            number=number,
            text=text,
            span_start=start,
            span_end=end,
            entities=people,
            importance=importance,
            valid_from=scene.number,
        )
        for number, (kind, text, start, end, importance, people) in enumerate(texts, 1)
    ]
    return remembered + _memories_of_states(scene, revision, states)


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


def _memories_of_states(scene: Scene, revision: Revision, states: Sequence[tuple[str, CharacterState]]) -> list[Memory]:
    return [
        Memory(
            story_id=scene.story_id,
            scene_id=scene.id,
            revision_id=revision.id,
            scene_number=scene.number,
            kind=MemoryKind.CHARACTER_STATE,
            number=number,
            text=tell_state(name, state),
            entities=(name,),
            importance=0.6,
            valid_from=scene.number,
        )
        for number, (name, state) in enumerate(states, 1)
    ]


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
