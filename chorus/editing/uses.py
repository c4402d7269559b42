"""Which scenes used what has changed, and how one knows: from the manifests of their texts and from their briefs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chorus.domain.canon import Fact
from chorus.domain.context import ItemKind
from chorus.domain.edit import FactChange, SceneUse
from chorus.domain.story import Scene
from chorus.editing.verdicts import telling_words

LONGEST_QUOTE = 120
SAYS_IT = 0.75
"""The share of a fact's telling words that a text must hold to count as saying it."""


@dataclass(frozen=True)
class SceneTold:
    """A scene and what the prompt of its text was told: the items of the manifest that were in."""

    scene: Scene
    items: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class EditedScene:
    """The scene that is edited: its number, its text before, and where the ending begins that its successor is told."""

    number: int
    text: str
    ending_start: int
    summary: str = ""
    ending_changed: bool = False


@dataclass
class _Reasons:
    told: list[str] = field(default_factory=list)

    def add(self, reason: str) -> None:
        if reason not in self.told:
            self.told.append(reason)


def find_uses(
    changes: Sequence[FactChange], edited: EditedScene, later: Sequence[SceneTold], *, details: Sequence[str] = ()
) -> tuple[SceneUse, ...]:
    """List the scenes after the edited one that used a changed fact, each with its reasons; the others are left out."""
    uses: list[SceneUse] = []
    for told in later:
        reasons = _Reasons()
        for change in changes:
            if change.changes_canon and change.before:
                for reason in _reasons(change.before, edited, told):
                    reasons.add(reason)
        if details and edited.ending_changed and told.scene.number == edited.number + 1:
            reasons.add(f"It goes on from the ending of scene {edited.number}, where {'; '.join(details)}.")
        if reasons.told:
            uses.append(use_of(told.scene, reasons.told))
    return tuple(uses)


def use_of(scene: Scene, reasons: Sequence[str]) -> SceneUse:
    """A scene as one that used something."""
    return SceneUse(scene_number=scene.number, title=scene.title, locked=scene.locked, reasons=tuple(reasons))


def says(text: str, fact: Fact) -> bool:
    """Whether a text says what a fact does: word for word, or with most of its telling words."""
    if fact.statement.rstrip(".").casefold() in text.casefold():
        return True
    wanted = telling_words(fact.statement)
    return bool(wanted) and len(wanted & telling_words(text)) >= SAYS_IT * len(wanted)


def _reasons(fact: Fact, edited: EditedScene, told: SceneTold) -> Iterator[str]:
    for item in told.items:
        if item.get("source") == f"scene {edited.number}" and (reason := _reason(fact, item, edited)):
            yield reason
    people = {name.casefold() for name in told.scene.brief.cast}
    for name in told.scene.brief.reads:
        if name.casefold() not in people and _is_about(fact, name):
            yield f"Its brief reads: {name}."


def _reason(fact: Fact, item: dict[str, Any], edited: EditedScene) -> str | None:
    text = str(item.get("text", ""))
    match item.get("kind"):
        case ItemKind.MEMORY if text and edited.summary.startswith(text) and not says(edited.summary, fact):
            return None
        case ItemKind.MEMORY if _is_memory_of(fact, text) or (text and edited.summary.startswith(text)):
            return f"It was told: “{_cut(fact.statement)}”"
        case ItemKind.SUMMARY if says(edited.summary, fact):
            return f"It was told the summary of scene {edited.number}, which says so: “{_cut(fact.statement)}”"
        case ItemKind.ENDING if (fact.span_end or 0) > edited.ending_start:
            return f"It goes on from the ending of scene {edited.number}: “{_cut(fact.evidence)}”"
        case ItemKind.STATE | ItemKind.QUESTION if says(text, fact):
            return f"It was told: “{_cut(text)}”"
        case _:
            return None


def _is_memory_of(fact: Fact, text: str) -> bool:
    """Manifests hold the beginning of long texts."""
    return bool(text) and (fact.statement.startswith(text) or says(text, fact))


def _is_about(fact: Fact, name: str) -> bool:
    wanted = telling_words(name) or {name.casefold()}
    return wanted <= telling_words(fact.subject) | telling_words(fact.statement)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
