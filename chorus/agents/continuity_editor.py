"""The ContinuityEditor checks: contradictions with evidence, what a scene established, chapters put together."""

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from chorus.agents import names
from chorus.agents.answers import (
    ChapterAnswer,
    CheckAnswer,
    DigestAnswer,
    FactAnswer,
    FindingAnswer,
    StateAnswer,
    chapters_of,
    check_of,
    digest_of,
)
from chorus.agents.lines import one_line, tidy_title
from chorus.agents.prompts import continuity_editor as ask
from chorus.continuity.deaths import death_is_told
from chorus.continuity.pairs import LIKELY, Pair, pairs_of
from chorus.domain.canon import Fact, Finding, FindingCategory, Severity
from chorus.domain.context import ContextItem, ItemKind, SceneContext, StoryFrame
from chorus.domain.language import language_tag
from chorus.domain.prose import locate, locate_quote, sentences
from chorus.domain.story import (
    Chapter,
    Character,
    CharacterRole,
    CharacterState,
    Newcomer,
    Revision,
    Scene,
    SceneDigest,
    Tie,
)
from chorus.domain.value import Value
from chorus.llm import CallSite, Gateway

MOST_FACTS = 6
MOST_STATES = 4
MOST_FINDINGS = 6
FEWEST_SHARED_WORDS = 2
_CATEGORIES = {
    ItemKind.CHARACTER: FindingCategory.CHARACTER,
    ItemKind.STATE: FindingCategory.CHARACTER,
    ItemKind.WORLD: FindingCategory.WORLD,
    ItemKind.ENDING: FindingCategory.TIMELINE,
}
NO_CHAPTER = ChapterAnswer(title="", summary="")
_STOP_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his"}
    | {"in", "is", "it", "its", "of", "on", "or", "she", "that", "the", "their", "they", "this", "to", "was", "were"}
    | {"who", "with"}
)


class Check(Value):
    """What the check found, and why each of the other findings was dropped."""

    findings: tuple[Finding, ...]
    dropped: tuple[str, ...]


class Digest(Value):
    """A scene taken in."""

    digest: SceneDigest
    facts: tuple[Fact, ...]
    states: tuple[CharacterState, ...]


class ContinuityEditor:
    """Checks scenes through the gateway; nothing it claims is kept without evidence in the text."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def check_scene(self, frame: StoryFrame, context: SceneContext, revision: Revision, site: CallSite) -> Check:
        """Find contradictions with what is known; a finding whose two quotes are not exact substrings is dropped."""
        items = context.told(*ask.KNOWN)
        if not items:
            return Check(findings=(), dropped=())
        known = "\n".join(item.text for item in items)
        pairs = pairs_of((item.text for item in items), revision.text, [c.name for c in frame.characters], _tag(frame))
        prompt = ask.check(frame, context, revision.text, pairs)
        answer = (await self._gateway.complete_as(prompt, site, check_of(len(pairs)))).value
        looked = [_verified(given, revision, known) for given in answer.findings[:MOST_FINDINGS]]
        kept = [finding for finding in looked if isinstance(finding, Finding)]
        kept += _contradicting(answer, pairs, items, revision, kept)
        numbered = [f.model_copy(update={"number": n, "run_id": site.run_id}) for n, f in enumerate(kept, 1)]
        return Check(findings=tuple(numbered), dropped=tuple(why for why in looked if isinstance(why, str)))

    async def digest_scene(
        self, frame: StoryFrame, scene: Scene, revision: Revision, questions: Sequence[str], site: CallSite
    ) -> Digest:
        """Take a scene in: summary, facts with evidence, how everybody stands, who is new, what is open."""
        facts = max(2, min(revision.words // 100, MOST_FACTS))
        prompt = ask.digest(frame, scene, revision.text, questions, facts)
        schema = digest_of(facts, max(1, min(len(scene.brief.cast), MOST_STATES)))
        answer: DigestAnswer = (await self._gateway.complete_as(prompt, site, schema)).value
        newcomers = _newcomers(answer, frame, revision)
        known = [*(character.name for character in frame.characters), *(newcomer.name for newcomer in newcomers)]
        digest = SceneDigest(
            summary=one_line(answer.summary, _opening(revision.text), limit=600),
            newcomers=tuple(newcomers),
            planted=tuple(one_line(text, limit=200) for text in answer.planted[:2] if text.strip()),
            paid_off=tuple(one_line(text, limit=200) for text in answer.paid_off[:2] if text.strip()),
            ties=tuple(_ties(answer, known, revision.text)),
        )
        states = _states(answer, frame, scene, revision)
        evident = _facts(answer.facts, frame, scene, revision, _witnesses(frame, scene, revision, states))
        return Digest(digest=digest, facts=tuple(evident), states=tuple(states))

    async def integrate_chapters(
        self, language: str, finished: Sequence[tuple[Chapter, Sequence[str]]], site: CallSite
    ) -> list[Chapter]:
        """Give finished chapters their titles and their summaries; each comes with the summaries of its scenes."""
        prompt = ask.chapters(language, finished)
        answer = (await self._gateway.complete_as(prompt, site, chapters_of(len(finished)))).value
        done: list[Chapter] = []
        for (chapter, summaries), given in zip_longest(finished, answer.chapters[: len(finished)]):
            done.append(_integrated(chapter, summaries, given or NO_CHAPTER, [other.title for other in done]))
        return done


def _integrated(chapter: Chapter, summaries: Sequence[str], given: ChapterAnswer, taken: Sequence[str]) -> Chapter:
    """The chapter as it turned out; without a title of its own it keeps the planned one."""
    title = tidy_title(given.title)
    summary = one_line(given.summary, " ".join(summaries), limit=900)
    return chapter.model_copy(
        update={"title": title if title and title not in taken else chapter.title, "summary": summary}
    )


def _verified(given: FindingAnswer, revision: Revision, known: str) -> Finding | str:
    """The finding with the exact words of both passages, or why it is none."""
    if not given.problem.strip():
        return "it does not say what is wrong"
    if locate(given.problem, revision.text) or locate(given.problem, known):
        return "it only says again what is told"
    if not (here := locate_quote(given.quote, revision.text)):
        return "its quote is not in the scene"
    if not (there := locate_quote(given.earlier_quote, known)):
        return "its earlier quote is not in what was told before"
    return Finding(
        story_id=revision.story_id,
        scene_id=revision.scene_id,
        revision_id=revision.id,
        category=FindingCategory(given.category),
        severity=Severity(given.severity),
        description=one_line(given.problem),
        quote=revision.text[slice(*here)],
        other_quote=known[slice(*there)],
    )


def _contradicting(
    answer: CheckAnswer,
    pairs: Sequence[Pair],
    items: Sequence[ContextItem],
    revision: Revision,
    kept: Sequence[Finding],
) -> list[Finding]:
    """The pairs that contradict each other, unless a finding says so already: exact quotes without any copying.

    They are minor: a model that sees no more than that two sentences differ is no reason to write a scene again.
    """
    named = [pair for n, pair in enumerate(pairs, 1) if n in _named(answer)]
    said = [finding.quote for finding in kept]
    return [
        Finding(
            story_id=revision.story_id,
            scene_id=revision.scene_id,
            revision_id=revision.id,
            category=_category(pair.before, items),
            severity=Severity.MINOR,
            description="This seems to contradict what was told before.",
            quote=pair.now,
            other_quote=pair.before,
        )
        for pair in (_likeliest(named) if len(named) == len(pairs) else named)
        if not any(quote in pair.now or pair.now in quote for quote in said)
    ]


def _named(answer: CheckAnswer) -> set[int]:
    """The numbers of the pairs that a model calls contradictions."""
    return {given.pair for given in answer.pairs if given.verdict == "contradiction"}


def _likeliest(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """What is left of a model's word that everything contradicts: the first pair, if it surely speaks of the same."""
    return [pair for pair in pairs[:1] if pair.shared >= LIKELY]


def _category(told: str, items: Sequence[ContextItem]) -> FindingCategory:
    """What a contradiction is about, by where the earlier sentence was told."""
    kind = next((item.kind for item in items if told in item.text), None)
    return _CATEGORIES.get(kind, FindingCategory.DETAIL) if kind else FindingCategory.DETAIL


def _witnesses(
    frame: StoryFrame, scene: Scene, revision: Revision, states: Sequence[CharacterState]
) -> tuple[str, ...]:
    """Who learns what happens in a scene: those it names who were to be there, or stand somewhere when it ends."""
    standing = {state.character_id for state in states if state.alive}
    there = [c for c in frame.characters if c.name in scene.brief.cast or c.id in standing]
    return tuple(c.name for c in names.mentioned(revision.text, there)) or scene.brief.cast


def _facts(
    given: Sequence[FactAnswer], frame: StoryFrame, scene: Scene, revision: Revision, witnesses: tuple[str, ...]
) -> list[Fact]:
    facts: list[Fact] = []
    for answer in given[:MOST_FACTS]:
        subject = one_line(answer.subject, limit=120)
        statement = _stated(subject, one_line(answer.statement, limit=300))
        span = locate(answer.quote, revision.text) or _closest_sentence(statement, revision.text)
        if not statement or span is None or any(fact.statement == statement for fact in facts):
            continue
        facts.append(
            Fact(
                story_id=revision.story_id,
                scene_id=scene.id,
                revision_id=revision.id,
                number=len(facts) + 1,
                subject=subject,
                aspect="" if answer.about == "other" else answer.about,
                statement=statement,
                evidence=revision.text[slice(*span)],
                span_start=span[0],
                span_end=span[1],
                valid_from=scene.number,
                known_by=_learners(answer.known_by, frame, scene, revision.text) or witnesses,
            )
        )
    return facts


def _stated(subject: str, statement: str) -> str:
    """A statement that begins in the middle of a sentence, with its subject before it."""
    if not (subject and statement[:1].islower()) or subject.casefold() in statement.casefold():
        return statement
    return f"{subject[:1].upper()}{subject[1:]} {statement}"


def _learners(given: Sequence[str], frame: StoryFrame, scene: Scene, text: str) -> tuple[str, ...]:
    """Those who are said to learn a fact, as far as the scene has them: a letter may tell somebody who is elsewhere."""
    here = [c.name for c in frame.characters if c.name in scene.brief.cast or names.is_named(text, c.name, c.aliases)]
    learned = {name for each in given if (name := names.match(each, here))}
    return tuple(name for name in here if name in learned)


def _closest_sentence(statement: str, text: str) -> tuple[int, int] | None:
    """The sentence that shares most telling words with a statement; None if too few are shared to call it evidence."""
    wanted = _telling_words(statement)
    if not wanted:
        return None
    shared = [(len(wanted & _telling_words(text[start:end])), -start, (start, end)) for start, end in sentences(text)]
    best = max(shared, default=(0, 0, (0, 0)))
    return best[2] if best[0] >= max(FEWEST_SHARED_WORDS, len(wanted) / 3) else None


def _telling_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if word not in _STOP_WORDS}


def _states(answer: DigestAnswer, frame: StoryFrame, scene: Scene, revision: Revision) -> list[CharacterState]:
    by_name = {character.name: character for character in frame.characters}
    states: dict[str, CharacterState] = {}
    for given in answer.characters:
        name = names.match(given.name, list(by_name))
        if name and name not in states:
            states[name] = CharacterState.of(
                {
                    "story_id": revision.story_id,
                    "character_id": by_name[name].id,
                    "scene_number": scene.number,
                    "revision_id": revision.id,
                    **_standing(given, by_name[name], frame, revision),
                }
            )
    return list(states.values())


def _standing(given: StateAnswer, character: Character, frame: StoryFrame, revision: Revision) -> dict[str, Any]:
    """How somebody stands when the scene ends; nobody is dead of whom the text does not say so."""
    return {
        "place": one_line(given.place, limit=120),
        "condition": one_line(given.condition, limit=200),
        "goal": one_line(given.goal, limit=200),
        "alive": given.alive or not _death_is_told(character, frame, revision),
    }


def _death_is_told(character: Character, frame: StoryFrame, revision: Revision) -> bool:
    return death_is_told(character, revision.text, _tag(frame))


def _tag(frame: StoryFrame) -> str:
    return language_tag(frame.story.language).split("-", maxsplit=1)[0]


def _newcomers(answer: DigestAnswer, frame: StoryFrame, revision: Revision) -> list[Newcomer]:
    """Newcomers whose name really stands in the text and is nobody's yet, and how they stand when the scene ends."""
    known, text = [character.name for character in frame.characters], revision.text
    fresh = [given for given in answer.newcomers if names.match(given.name, known) is None]
    there = {names.tidy_name(given.name): given for given in fresh if names.tidy_name(given.name) in text}
    named = names.distinct(name for name in there if name[:1].isupper())
    met = [Newcomer(name=name, description=one_line(there[name].description, limit=200)) for name in named[:2]]
    return [_as_they_stand(newcomer, answer, frame, revision) for newcomer in met]


def _as_they_stand(newcomer: Newcomer, answer: DigestAnswer, frame: StoryFrame, revision: Revision) -> Newcomer:
    known = [*(character.name for character in frame.characters), newcomer.name]
    given = next((each for each in answer.characters if names.match(each.name, known) == newcomer.name), None)
    if given is None:
        return newcomer
    character = Character(story_id=revision.story_id, number=0, name=newcomer.name, role=CharacterRole.MINOR)
    return newcomer.model_copy(update=_standing(given, character, frame, revision))


def _ties(answer: DigestAnswer, known: Sequence[str], text: str) -> list[Tie]:
    """What has changed between two of the cast, as far as the text shows it."""
    found: list[Tie] = []
    for given in answer.ties[:2]:
        name, other = names.match(given.name, known), names.match(given.other, known)
        span, kind = locate(given.quote, text), one_line(given.tie, limit=200)
        if name and other and name != other and span and kind:
            found.append(Tie(name=name, other=other, kind=kind, evidence=text[slice(*span)]))
    return found


def _opening(text: str) -> str:
    spans = sentences(text)[:2]
    return text[spans[0][0] : spans[-1][1]] if spans else ""
