"""Make memories of what was approved: summary, facts and overlapping passages of a scene; lore of world and cast."""

from collections.abc import Sequence

from chorus.domain.canon import Fact, Memory, MemoryKind
from chorus.domain.prose import windows
from chorus.domain.story import Character, Revision, Scene, Story, WorldElement

PASSAGE_SENTENCES = 3
PASSAGE_STRIDE = 2


def memories_of_scene(scene: Scene, revision: Revision, facts: Sequence[Fact]) -> list[Memory]:
    """Remember an approved scene; spans point into the revision's text."""
    summary = revision.digest.summary if revision.digest else ""
    texts: list[tuple[MemoryKind, str, int | None, int | None, float]] = []
    if summary:
        texts.append((MemoryKind.SCENE_SUMMARY, summary, None, None, 0.7))
    texts += [(MemoryKind.FACT, fact.statement, fact.span_start, fact.span_end, 0.6) for fact in facts]
    passages = windows(revision.text, PASSAGE_SENTENCES, PASSAGE_STRIDE)
    texts += [(MemoryKind.PASSAGE, revision.text[start:end], start, end, 0.5) for start, end in passages]
    return [
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
            entities=scene.brief.cast,
            importance=importance,
            valid_from=scene.number,
        )
        for number, (kind, text, start, end, importance) in enumerate(texts, 1)
    ]


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
