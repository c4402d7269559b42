"""What the agents ask models to answer: schemas that guide a strong model and survive a weak one.

Limits on lists are hints in the JSON schema and not conditions of validity: an answer with a scene too few is settled
in code, not bought again.
"""

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic.json_schema import SkipJsonSchema


def _texted(value: object) -> object:
    """Take what a model gives for a text: nothing, a number, a list of lines."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " ".join(str(part) for part in value)
    return value if isinstance(value, str) else str(value)


def _listed(value: object) -> object:
    """Take what a model gives for a list: nothing, or one thing alone."""
    if value is None:
        return []
    return value if isinstance(value, (list, tuple)) else [value]


def _counted(value: object) -> object:
    """Take what a model gives for a number; what is none counts as 0."""
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return 0


def _one_of(*choices: str, default: str) -> Any:
    """A text out of ``choices``; anything else counts as ``default``."""

    def settle(value: object) -> str:
        text = str(value).strip().lower()
        return text if text in choices else default

    return Annotated[str, BeforeValidator(settle), Field(json_schema_extra={"enum": list(choices)})]


def _about(count: int, most: int | None = None) -> Any:
    """Tell the model how many items are wanted, without refusing another number."""
    return Field(json_schema_extra={"minItems": count, "maxItems": most or count})


Line = Annotated[str, BeforeValidator(_texted)]
Words = Annotated[Line, Field(json_schema_extra={"maxLength": 80})]
"""A few words. The limit is a hint with room to spare: a grammar that enforces it would cut a word in two."""
Sentence = Annotated[Line, Field(json_schema_extra={"maxLength": 200})]
Quote = Annotated[Line, Field(json_schema_extra={"maxLength": 120})]
Lines = Annotated[list[Line], BeforeValidator(_listed)]


Ordinal = Annotated[int, BeforeValidator(_counted)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ConceptAnswer(_Answer):
    """One concept."""

    title: Words
    logline: Sentence = Field(description="The whole story in one sentence.")
    conflict: Sentence = Field(description="What stands in the way, in one sentence.")
    ending: Sentence = Field(description="How it ends, in one sentence.")
    tone: Words = Field(description="Two or three words.")
    score: Annotated[float, BeforeValidator(lambda v: v if isinstance(v, (int, float)) else 0)] = Field(
        description="How promising it is, from 0 to 10."
    )


class ConceptsAnswer(_Answer):
    """Candidate concepts."""

    concepts: Annotated[list[ConceptAnswer], BeforeValidator(_listed), _about(2)]


class NamedCharacter(_Answer):
    """A name and a part."""

    name: Words = Field(description="A full name or a single name, nothing else.")
    role: _one_of("protagonist", "antagonist", "ally", "mentor", "minor", default="minor")  # type: ignore[valid-type]


class NamesAnswer(_Answer):
    """The names that every later step uses."""

    characters: Annotated[list[NamedCharacter], BeforeValidator(_listed), _about(2, 5)]
    places: Annotated[list[Line], BeforeValidator(_listed), _about(2, 4)]


class WorldElementAnswer(_Answer):
    """One thing that holds in the world."""

    name: Words
    kind: _one_of("setting", "place", "rule", "object", "culture", "history", default="setting")  # type: ignore[valid-type]
    description: Sentence = Field(description="One short sentence.")


class WorldAnswer(_Answer):
    """The world."""

    elements: Annotated[list[WorldElementAnswer], BeforeValidator(_listed), _about(3, 6)]


class ProfileAnswer(_Answer):
    """One character's profile."""

    name: Words
    description: Sentence = Field(description="Who this is, in one short sentence.")
    want: Words = Field(description="What this person wants, in a few words.")
    flaw: Words = Field(description="What stands in this person's own way, in a few words.")
    voice: Words = Field(description="How this person speaks, in a few words.")
    tie: Words = Field(description="What this person is to the protagonist, in a few words.")


class ProfilesAnswer(_Answer):
    """The cast."""

    characters: Annotated[list[ProfileAnswer], BeforeValidator(_listed)]


class ScenePlanAnswer(_Answer):
    """One scene of the outline."""

    title: Words = Field(description="Two to five words.")
    event: Sentence = Field(description="The one thing that happens here and in no other scene, in one sentence.")
    place: Words
    time: Words = Field(description="When it happens, in a few words.")
    cast: Annotated[list[Words], BeforeValidator(_listed)] = Field(
        description="Names of the characters who are present.", json_schema_extra={"minItems": 1, "maxItems": 5}
    )
    beats: Annotated[list[Words], BeforeValidator(_listed)] = Field(
        description="Two steps in order, a few words each.",
        json_schema_extra={"minItems": 2, "maxItems": 2},
    )
    exit: Sentence = Field(description="What has changed when the scene ends, in one sentence.")


class ThreadAnswer(_Answer):
    """A question that keeps a reader reading, with the numbers of what opens and what answers it."""

    question: Words = Field(description="A question about people or things in the story.")
    opens: Ordinal = Field(description="The number where it is opened.")
    answers: Ordinal = Field(description="The later number where it is answered.")


Threads = Annotated[list[ThreadAnswer], BeforeValidator(_listed)]


class OutlineAnswer(_Answer):
    """Scenes in story order, titles for the chapters they make up, and the threads that run through them."""

    chapter_titles: SkipJsonSchema[Lines] = []
    scenes: Annotated[list[ScenePlanAnswer], BeforeValidator(_listed)]
    threads: SkipJsonSchema[Threads] = []


class ChapterPlanAnswer(_Answer):
    """One chapter of the spine."""

    title: Words = Field(description="Two to five words.")
    event: Sentence = Field(description="What happens in this chapter and in no other, in one sentence.")
    exit: Sentence = Field(description="What has changed when the chapter ends, in one sentence.")


class SpineAnswer(_Answer):
    """The chapters of a long book in story order, and the threads that run through them."""

    chapters: Annotated[list[ChapterPlanAnswer], BeforeValidator(_listed)]
    threads: Threads = []


class FindingAnswer(_Answer):
    """One contradiction."""

    category: _one_of("timeline", "character", "world", "detail", "style", default="detail")  # type: ignore[valid-type]
    severity: _one_of("minor", "major", default="minor")  # type: ignore[valid-type]
    problem: Sentence = Field(description="What contradicts what, in one sentence.")
    quote: Quote = Field(description="A few words of the scene, copied exactly.")
    earlier_quote: Quote = Field(description="The few earlier words they contradict, copied exactly.")


class PairAnswer(_Answer):
    """Whether two sentences contradict each other."""

    pair: Ordinal
    verdict: _one_of("none", "contradiction", default="none")  # type: ignore[valid-type]


class CheckAnswer(_Answer):
    """Contradictions between a scene and what is known; none is the usual answer.

    ``consistent`` is asked first, since it keeps a small model from making something up; what counts is evidence.
    """

    pairs: SkipJsonSchema[Annotated[list[PairAnswer], BeforeValidator(_listed)]] = []
    consistent: Annotated[bool, BeforeValidator(lambda v: v is not False)] = Field(
        description="Whether nothing contradicts; then there are no findings."
    )
    findings: Annotated[
        list[FindingAnswer], BeforeValidator(_listed), Field(json_schema_extra={"minItems": 0, "maxItems": 2})
    ]


class FactAnswer(_Answer):
    """One thing that is true from now on."""

    subject: Words = Field(description="Who or what it is about, in a few words.")
    about: _one_of("place", "owner", "condition", "rank", "other", default="other") = Field(  # type: ignore[valid-type]
        default="other", description="What may change again: where it is, whose, in what condition, of what rank."
    )
    statement: Sentence = Field(description="One short sentence.")
    quote: Quote = Field(description="A few words of the scene that show it, copied exactly.")
    known_by: Lines = Field(
        default=[],
        description="Names of the characters who learn it here.",
        json_schema_extra={"minItems": 0, "maxItems": 4},
    )


class TieAnswer(_Answer):
    """What one character has become to another."""

    name: Words
    other: Words
    tie: Words = Field(description="What the first now is to the second, in a few words.")
    quote: Quote = Field(description="A few words of the scene that show it, copied exactly.")


class StateAnswer(_Answer):
    """How a character stands when the scene ends."""

    name: Words
    place: Words = Field(description="Where, in a few words.")
    condition: Words = Field(description="In what state, in a few words.")
    goal: Words = Field(description="Wanting what, in a few words.")
    alive: Annotated[bool, BeforeValidator(lambda v: v is not False)]


class NewcomerAnswer(_Answer):
    """Somebody with a name who is not in the cast yet."""

    name: Words
    description: Words = Field(description="Who this is, in a few words.")


class DigestAnswer(_Answer):
    """A scene taken in: everything later scenes need to know of it."""

    summary: Line = Field(description="What happens, in two sentences.", json_schema_extra={"maxLength": 360})
    facts: Annotated[list[FactAnswer], BeforeValidator(_listed), _about(1, 3)]
    characters: Annotated[list[StateAnswer], BeforeValidator(_listed), _about(1, 3)]
    newcomers: Annotated[
        list[NewcomerAnswer], BeforeValidator(_listed), Field(json_schema_extra={"minItems": 0, "maxItems": 2})
    ]
    planted: Lines = Field(
        description="Questions that this scene opens and a later one must answer.",
        json_schema_extra={"minItems": 0, "maxItems": 2},
    )
    paid_off: Lines = Field(
        description="Earlier open questions that this scene answers.",
        json_schema_extra={"minItems": 0, "maxItems": 2},
    )
    ties: Annotated[
        list[TieAnswer], BeforeValidator(_listed), Field(json_schema_extra={"minItems": 0, "maxItems": 1})
    ] = []


class ChapterAnswer(_Answer):
    """A finished chapter."""

    title: Words = Field(description="Two to five words.")
    summary: Line = Field(description="What happens in the chapter, in two sentences.")


class ChaptersAnswer(_Answer):
    """Finished chapters, in their order."""

    chapters: Annotated[list[ChapterAnswer], BeforeValidator(_listed)]


@cache
def chapters_of(count: int) -> type[ChaptersAnswer]:
    """The schema of so many finished chapters."""
    wanted = Annotated[list[ChapterAnswer], BeforeValidator(_listed), _about(count)]
    return create_model("ChaptersAnswer", __base__=ChaptersAnswer, chapters=(wanted, ...))


@cache
def check_of(pairs: int) -> type[CheckAnswer]:
    """The schema of a check that begins with so many pairs of sentences; 0: none."""
    if not pairs:
        return CheckAnswer
    wanted = Annotated[list[PairAnswer], BeforeValidator(_listed), _about(pairs)]
    return create_model("CheckAnswer", __base__=CheckAnswer, pairs=(wanted, []))


@cache
def concepts_of(count: int) -> type[ConceptsAnswer]:
    """The schema of so many concepts."""
    wanted = Annotated[list[ConceptAnswer], BeforeValidator(_listed), _about(count)]
    return create_model("ConceptsAnswer", __base__=ConceptsAnswer, concepts=(wanted, ...))


@cache
def outline_of(scenes: int, chapters: int, beats: int = 2, threads: int = 0) -> type[OutlineAnswer]:
    """The outline's schema for so many scenes, chapters, beats of each scene, and at most so many threads; 0: none."""
    titles: dict[str, Any] = {"chapter_titles": (Lines, _about(chapters))} if chapters else {}
    plan: Any = _scene_plan_of(beats)
    plans = Annotated[list[plan], BeforeValidator(_listed)]
    asked: dict[str, Any] = {**titles, "scenes": (plans, _about(scenes))}
    if threads:
        asked["threads"] = (Threads, _about(1, threads))
    return create_model("OutlineAnswer", __base__=OutlineAnswer, **asked)


@cache
def _scene_plan_of(beats: int) -> type[ScenePlanAnswer]:
    if beats == 2:
        return ScenePlanAnswer
    wanted = Field(
        description="Steps in order, a few words each.", json_schema_extra={"minItems": beats, "maxItems": beats}
    )
    return create_model(
        "ScenePlanAnswer", __base__=ScenePlanAnswer, beats=(Annotated[list[Words], BeforeValidator(_listed)], wanted)
    )


@cache
def spine_of(chapters: int, threads: int) -> type[SpineAnswer]:
    """The spine's schema for so many chapters and at most so many threads."""
    plans = Annotated[list[ChapterPlanAnswer], BeforeValidator(_listed)]
    return create_model(
        "SpineAnswer", __base__=SpineAnswer, chapters=(plans, _about(chapters)), threads=(Threads, _about(1, threads))
    )


@cache
def profiles_of(count: int) -> type[ProfilesAnswer]:
    """The cast's schema for so many characters."""
    return create_model(
        "ProfilesAnswer",
        __base__=ProfilesAnswer,
        characters=(Annotated[list[ProfileAnswer], BeforeValidator(_listed)], _about(count)),
    )


@cache
def names_of(most: int) -> type[NamesAnswer]:
    """The schema of names for at most so many people."""
    people = Annotated[list[NamedCharacter], BeforeValidator(_listed), _about(2, most)]
    return create_model("NamesAnswer", __base__=NamesAnswer, characters=(people, ...))


@cache
def digest_of(facts: int, characters: int) -> type[DigestAnswer]:
    """The digest's schema for at most so many facts and states of characters."""
    return create_model(
        "DigestAnswer",
        __base__=DigestAnswer,
        facts=(Annotated[list[FactAnswer], BeforeValidator(_listed), _about(1, facts)], ...),
        characters=(Annotated[list[StateAnswer], BeforeValidator(_listed), _about(1, characters)], ...),
    )


class MarksAnswer(_Answer):
    """A judge's marks of a story, from 1 to 5."""

    plot: Ordinal = Field(description="From 1 to 5.")
    characters: Ordinal = Field(description="From 1 to 5.")
    coherence: Ordinal = Field(description="From 1 to 5.")
    prose: Ordinal = Field(description="From 1 to 5.")
    ending: Ordinal = Field(description="From 1 to 5.")
    reason: Sentence = Field(description="Why, in one sentence.")


class PreferenceAnswer(_Answer):
    """Which of two stories a judge prefers."""

    reason: Sentence = Field(description="Why, in one sentence.")
    better: _one_of("first", "second", "neither", default="neither")  # type: ignore[valid-type]
