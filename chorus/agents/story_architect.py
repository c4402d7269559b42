"""The StoryArchitect plans: concepts, names, world, profiles, outline."""

import re
from collections.abc import Sequence

from chorus.agents import names
from chorus.agents.answers import (
    ConceptsAnswer,
    NamesAnswer,
    ProfilesAnswer,
    WorldAnswer,
    concepts_of,
    names_of,
    profiles_of,
)
from chorus.agents.lines import one_line, one_sentence, tidy_title, title_of, without_labels
from chorus.agents.outline_planning import Planner, Sites
from chorus.agents.prompts import story_architect as ask
from chorus.domain.context import StoryFrame
from chorus.domain.story import (
    Character,
    CharacterRole,
    Concept,
    Outline,
    Relationship,
    WorldElement,
    WorldElementKind,
)
from chorus.domain.value import Value
from chorus.llm import CallSite, Gateway

MOST_CHARACTERS = 6
MOST_ELEMENTS = 10
_WORD = re.compile(r"\w{3}")
_KIND = re.compile(
    r"(?:an? |the )?(?:setting|place|rule|object(?: that matters)?|custom|culture|(?:piece of )?history)", re.I
)


class Names(Value):
    """The cast by name and part, and the places by name."""

    characters: tuple[Character, ...]
    places: tuple[WorldElement, ...]


class Profiles(Value):
    """The cast with profiles, and what they are to one another."""

    characters: tuple[Character, ...]
    relationships: tuple[Relationship, ...]


class StoryArchitect:
    """Plans stories through the gateway; every answer is settled so that it holds."""

    def __init__(self, gateway: Gateway, temperature: float) -> None:
        self._gateway = gateway
        self._temperature = temperature
        self._planner = Planner(gateway, temperature)

    async def propose_concepts(self, frame: StoryFrame, count: int, site: CallSite) -> list[Concept]:
        """Work the premise out into at least one concept, and at most ``count``."""
        prompt = ask.concepts(frame, count, self._temperature)
        answer: ConceptsAnswer = (await self._gateway.complete_as(prompt, site, concepts_of(count))).value
        story = frame.story
        concepts = [
            Concept(
                story_id=story.id,
                number=number,
                title=tidy_title(given.title) or title_of(story.premise),
                logline=one_line(given.logline, story.premise),
                conflict=one_line(given.conflict),
                ending=one_line(given.ending),
                tone=given.tone.strip()[:80],
                score=min(max(given.score, 0.0), 10.0),
            )
            for number, given in enumerate(answer.concepts[:count], 1)
        ]
        plain = Concept(story_id=story.id, number=1, title=title_of(story.premise), logline=one_line(story.premise))
        return concepts or [plain]

    async def name_cast(self, frame: StoryFrame, scenes: int, site: CallSite) -> Names:
        """Settle who there is and where it happens, once for all that follows; a short story has a small cast."""
        most = max(3, min(2 + scenes // 4, MOST_CHARACTERS))
        prompt = ask.names(frame, most, self._temperature)
        answer: NamesAnswer = (await self._gateway.complete_as(prompt, site, names_of(most))).value
        places = names.distinct(answer.places)[:MOST_ELEMENTS] or ["The place where it happens"]
        roles = {names.tidy_name(given.name): given.role for given in reversed(answer.characters)}
        given_names = names.distinct(given.name for given in answer.characters)
        known = f"{frame.story.premise} {frame.concept.logline if frame.concept else ''}"
        cast = names.settle_people(given_names, places, known)[:most]
        settled = names.settle_roles([roles.get(alias or name, "minor") for name, alias in cast])
        story_id = frame.story.id
        return Names(
            characters=tuple(
                Character(story_id=story_id, number=number, name=name, role=role, aliases=(alias,) if alias else ())
                for number, ((name, alias), role) in enumerate(zip(cast, settled, strict=True), 1)
            ),
            places=tuple(
                WorldElement(story_id=story_id, number=number, kind=WorldElementKind.PLACE, name=name, description="")
                for number, name in enumerate(places, 1)
            ),
        )

    async def build_world(self, frame: StoryFrame, site: CallSite) -> list[WorldElement]:
        """Describe the named places and add what else holds in the world."""
        answer = (await self._gateway.complete_as(ask.world(frame, self._temperature), site, WorldAnswer)).value
        known = [element.name for element in frame.world]
        described: dict[str, str] = {}
        others: dict[str, tuple[WorldElementKind, str]] = {}
        for given in answer.elements:
            name = names.match(given.name, known)
            if name and name not in described:
                described[name] = one_sentence(given.description)
            elif not name and names.tidy_name(given.name) and not _names_a_kind(given.name):
                others.setdefault(
                    names.tidy_name(given.name), (WorldElementKind(given.kind), one_sentence(given.description))
                )
        first = [e.model_copy(update={"description": described.get(e.name, "")}) for e in frame.world]
        more = [
            WorldElement(story_id=frame.story.id, number=len(first) + n, kind=kind, name=name, description=description)
            for n, (name, (kind, description)) in enumerate(others.items(), 1)
        ]
        return [*first, *more][: max(MOST_ELEMENTS, len(first))]

    async def profile_cast(self, frame: StoryFrame, site: CallSite) -> Profiles:
        """Write the profiles of the named characters; nobody is added, renamed or left out."""
        prompt = ask.profiles(frame, self._temperature)
        schema = profiles_of(len(frame.characters))
        answer: ProfilesAnswer = (await self._gateway.complete_as(prompt, site, schema)).value
        known = [character.name for character in frame.characters]
        by_name = {names.match(given.name, known): given for given in reversed(answer.characters)}
        lead = next(c for c in frame.characters if c.role is CharacterRole.PROTAGONIST)
        characters: list[Character] = []
        ties: list[Relationship] = []
        for character in frame.characters:
            given = by_name.get(character.name)
            if given is None:
                characters.append(character)
                continue
            parts = ("description", "want", "flaw", "voice")
            profile = {part: one_sentence(without_labels(getattr(given, part))) for part in parts}
            characters.append(character.model_copy(update=profile))
            kind = without_labels(given.tie).strip()[:200]
            if character is not lead and _WORD.search(kind):
                ties.append(
                    Relationship(story_id=frame.story.id, character_id=character.id, other_id=lead.id, kind=kind)
                )
        return Profiles(characters=tuple(characters), relationships=tuple(ties))

    async def plan_outline(self, frame: StoryFrame, scenes: int, words: int, sites: Sites) -> Outline:
        """Plan exactly ``scenes`` scenes of about ``words`` words each; a long book chapter by chapter."""
        return await self._planner.plan(frame, scenes, words, sites)

    async def plan_more(
        self, frame: StoryFrame, outline: Outline, so_far: Sequence[str], more: int, words: int, sites: Sites
    ) -> Outline:
        """Plan ``more`` scenes after those there are, and return these alone; ``so_far`` tells what has happened."""
        return await self._planner.plan_more(frame, outline, so_far, more, words, sites)


def _names_a_kind(name: str) -> bool:
    """Whether an element is called after what was asked for: “a rule”."""
    return bool(_KIND.fullmatch(names.tidy_name(name)))
