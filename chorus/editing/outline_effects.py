"""What another plan puts at stake of what is written: facts of its scenes, and the scenes that were told them.

A text says what it says until its scene is written again, so no fact changes by a plan alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from uuid import UUID

from chorus.agents.names import is_named
from chorus.agents.outline_lint import contract_of
from chorus.continuity.seams import ending_of
from chorus.domain.canon import Fact
from chorus.domain.edit import FactChange, SceneUse, Verdict
from chorus.domain.story import Outline, Scene, SceneBrief
from chorus.editing.outline_change import OutlineChange
from chorus.editing.scene_text import HOLDING, load_told
from chorus.editing.uses import EditedScene, find_uses, use_of
from chorus.editing.verdicts import telling_words
from chorus.store import Transaction

_PARTS = {
    "purpose": "what happens",
    "beats": "its beats",
    "cast": "who is in it",
    "place": "where it is",
    "story_time": "when it is",
    "entry": "how it begins",
    "exit": "how it ends",
    "plants": "what it opens",
    "payoffs": "what it answers",
    "target_words": "its length",
}
MOST_WORDS_NAMED = 6
COMMON = 0.2
"""The share of a story's scenes above which a word of their plans is a common one."""

type Reasons = dict[int, list[str]]
"""Why a scene is listed, by its number."""


async def with_effects(tx: Transaction, story_id: UUID, before: Outline, change: OutlineChange) -> OutlineChange:
    """Add to a change the facts at stake, and the written scenes that are touched or used them, with the reasons."""
    if not change.touched:
        return change
    reasons: Reasons = {}
    for number, reason in (*_own(before, change), *_neighbours(before, change)):
        reasons.setdefault(number, []).append(reason)
    facts: list[FactChange] = []
    told = await load_told(tx, story_id, 0)
    common = common_words(before)
    now = {scene.id: scene.brief for scene in change.outline.scenes}
    for scene in before.scenes:
        if scene.revision_id is None or scene.number not in (*change.edited, *change.removed):
            continue
        text = (await tx.stories.load_revision(scene.revision_id)).text
        held = [fact for fact in await tx.canon.list_facts_of(scene.revision_id) if fact.status in HOLDING]
        at_stake = facts_at_stake(scene, now.get(scene.id), held, common)
        facts += at_stake
        start = len(text) - len(ending_of(text))
        edited = EditedScene(number=scene.number, text=text, ending_start=start, summary=scene.summary)
        for use in find_uses(at_stake, edited, [each for each in told if each.scene.number > scene.number]):
            reasons.setdefault(use.scene_number, []).extend(use.reasons)
    return change.model_copy(update={"facts": tuple(facts), "uses": _uses(before, reasons)})


def common_words(outline: Outline) -> frozenset[str]:
    """The words that many of a story's plans have: alone, they tell nothing of one of them."""
    found = Counter(word for scene in outline.scenes for word in _said(scene.brief))
    most = max(2.0, COMMON * len(outline.scenes))
    return frozenset(word for word, times in found.items() if times > most)


def facts_at_stake(
    scene: Scene, now: SceneBrief | None, facts: Sequence[Fact], common: frozenset[str] = frozenset()
) -> list[FactChange]:
    """The facts of a scene's text that another plan for it (None: it goes) no longer speaks of.

    Where most of what was planned is another thing, they are all of them. A word that is ``common`` counts only where
    it is what the fact is about, or with another one.
    """
    if now is None:
        return [_at_stake(fact, f"scene {scene.number} is no longer in the outline") for fact in facts]
    old, new = _said(scene.brief), _said(now)
    lost = old - new
    if 2 * len(lost) > len(old):
        return [_at_stake(fact, f"scene {scene.number} is to tell something else") for fact in facts]
    left = [name for name in scene.brief.cast if name not in now.cast]
    found = ((fact, [*_people(fact, left), *_telling(fact, lost, common)]) for fact in facts)
    return [
        _at_stake(fact, f"the plan of scene {scene.number} no longer says: {', '.join(gone[:MOST_WORDS_NAMED])}")
        for fact, gone in found
        if gone
    ]


def _own(before: Outline, change: OutlineChange) -> Iterator[tuple[int, str]]:
    """Why each scene that is touched is."""
    now = {scene.id: scene.brief for scene in change.outline.scenes}
    for scene in before.scenes:
        if scene.number not in change.touched:
            continue
        if scene.number in change.removed:
            yield scene.number, "It is taken out of the outline."
        if scene.number in change.moved:
            yield scene.number, "It is moved."
        if scene.number in change.edited:
            old, new = scene.brief, now[scene.id]
            parts = [said for name, said in _PARTS.items() if getattr(old, name) != getattr(new, name)]
            yield scene.number, f"Its own plan is another: {', '.join(parts)}."


def _neighbours(before: Outline, change: OutlineChange) -> Iterator[tuple[int, str]]:
    """Why scenes are listed that keep their plan: one before ends otherwise, or no longer opens what they answer."""
    now = {scene.id: scene.brief for scene in change.outline.scenes}
    for one, other in pairwise(before.scenes):
        new = now.get(one.id)
        follows = other.brief.entry in ("", contract_of(one.brief))
        if new and follows and other.revision_id and other.brief.purpose and contract_of(new) != contract_of(one.brief):
            yield other.number, f"It is to begin where scene {one.number} ends, which is now: “{contract_of(new)}”"
    for scene in before.scenes:
        if scene.number in change.touched:
            new = now.get(scene.id)
            closed = {each.casefold() for each in scene.brief.plants} - {
                each.casefold() for each in (new.plants if new else ())
            }
            for later in before.scenes[scene.number :]:
                for thread in later.brief.payoffs:
                    if later.revision_id and thread.casefold() in closed:
                        yield later.number, f"It answers “{thread}”, which scene {scene.number} no longer opens."


def _uses(before: Outline, reasons: Reasons) -> tuple[SceneUse, ...]:
    scenes = {scene.number: scene for scene in before.scenes}
    return tuple(use_of(scenes[number], list(dict.fromkeys(reasons[number]))) for number in sorted(reasons))


def _at_stake(fact: Fact, reason: str) -> FactChange:
    return FactChange(verdict=Verdict.AT_STAKE, reason=reason, before=fact, after=fact)


def _said(brief: SceneBrief) -> set[str]:
    """The words of a plan that say something; who is in it aside."""
    lines = (brief.purpose, brief.place, brief.story_time, brief.exit, *brief.beats, *brief.plants, *brief.payoffs)
    return telling_words(" ".join(lines))


def _telling(fact: Fact, lost: set[str], common: frozenset[str]) -> list[str]:
    """The words a plan has lost that a fact says, unless they are too common to tell."""
    gone = sorted(lost & telling_words(f"{fact.subject} {fact.statement}"))
    tells = len(gone) > 1 or set(gone) - common or set(gone) & telling_words(fact.subject)
    return gone if tells else []


def _people(fact: Fact, names: Sequence[str]) -> list[str]:
    return [name for name in names if is_named(f"{fact.subject}: {fact.statement}", name)]
