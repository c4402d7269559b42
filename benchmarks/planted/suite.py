"""The suite: the same seed makes the same scenes, with names, places and faults drawn anew for each."""

import re
from collections.abc import Iterator
from random import Random
from uuid import UUID

from benchmarks.planted.contradictions import CONTRADICTIONS
from benchmarks.planted.faults import STRANGERS, TEMPLATES
from benchmarks.planted.scenes import CASTS, PLACES, SCENES
from chorus.continuity import Dead, Echoes, Subject
from chorus.domain.canon import FaultKind, FindingCategory
from chorus.domain.prose import sentences
from chorus.domain.story import Character
from chorus.domain.value import Value
from chorus.domain.words import count_words

STORY = UUID(int=5)
CLEAN = 40
PER_KIND = 16


class Case(Value):
    """A scene of a story; ``planted`` is the sentence with the fault, ``told`` the earlier one it contradicts."""

    name: str
    subject: Subject
    earlier: tuple[str, ...] = ()
    fault: FaultKind | None = None
    category: FindingCategory | None = None
    planted: str = ""
    told: str = ""

    @property
    def echoes(self) -> Echoes:
        """What was told before it."""
        echoes = Echoes()
        for number, text in enumerate(self.earlier, 1):
            echoes.add(number, text)
        return echoes

    @property
    def number(self) -> int:
        """Its number in its story."""
        return len(self.earlier) + 1


def clean_scenes(seed: int = 0, count: int = CLEAN) -> list[Case]:
    """Scenes without a fault."""
    return [_scene(Random(f"{seed}/clean/{n}"), n, f"clean {n + 1}") for n in range(count)]  # noqa: S311 - no secret


def faulty_scenes(seed: int = 0, per_kind: int = PER_KIND) -> list[Case]:
    """Scenes with one fault each that code should see."""
    kinds = (*TEMPLATES, FaultKind.REPETITION)
    return [
        _with_fault(Random(f"{seed}/{kind.value}/{n}"), kind, n)  # noqa: S311
        for kind in kinds
        for n in range(per_kind)
    ]


def contradictions(seed: int = 0) -> list[Case]:
    """Scenes that contradict what was told, in all five categories; to see it takes a reader."""
    return list(_contradictions(seed))


def _contradictions(seed: int) -> Iterator[Case]:
    for category, pairs in CONTRADICTIONS.items():
        for n, (told, says) in enumerate(pairs):
            case = _scene(Random(f"{seed}/{category.value}/{n}"), n, f"{category.value} {n + 1}")  # noqa: S311
            names = _names(Random(f"{seed}/{category.value}/{n}"), n)  # noqa: S311
            planted, known = says.format(**names), told.format(**names)
            text = _inserted(case.subject.text, planted, n)
            subject = case.subject.model_copy(update={"text": text})
            yield case.model_copy(update={"subject": subject, "category": category, "planted": planted, "told": known})


def _names(dice: Random, n: int) -> dict[str, str]:
    cast = CASTS[(n + n // len(SCENES)) % len(CASTS)]  # a scene that comes again has other people
    town, river, ship = dice.choice(PLACES)
    full = dict(zip("ABCDE", cast, strict=True))
    first = {key.lower(): name.split()[0] for key, name in full.items()}
    return {**full, **first, "al": full["A"].split()[-1], "town": town, "river": river, "ship": ship}


def _scene(dice: Random, n: int, name: str) -> Case:
    names = _names(dice, n)
    template = SCENES[n % len(SCENES)]
    text = template.format(**names)
    cast = tuple(
        Character(id=UUID(int=number), story_id=STORY, number=number, name=names[key])
        for number, key in enumerate("ABCDE", 1)
    )
    present = tuple(names[key] for key in "ABC" if key != "C" or "{c}" in template)
    dead = Dead(name=names["D"], quote=f"{names['D']} is dead.", scene=1)
    lore = f"It happens in {names['town']} on the {names['river']}. Their ship is the {names['ship']}."
    earlier = tuple(SCENES[(n + step) % len(SCENES)].format(**names) for step in (3, 7))
    words = count_words(text)
    subject = Subject(text=text, cast=cast, present=present, dead=(dead,), lore=lore, target_words=words)
    return Case(name=name, subject=subject, earlier=earlier)


def _with_fault(dice: Random, kind: FaultKind, n: int) -> Case:
    case = _scene(dice, n + dice.randrange(len(SCENES)), f"{kind.value} {n + 1}")
    text = case.subject.text
    if kind is FaultKind.REPETITION:
        source = text if n % 2 else case.earlier[n // 2 % 2]
        planted = _passage(dice, source)
        text = f"{text}\n\n{planted}" if n % 2 else _inserted(text, planted, n)
    else:
        planted = TEMPLATES[kind][n % len(TEMPLATES[kind])].format(**_fields(dice, case.subject))
        text = _inserted(text, planted, n)
    subject = case.subject.model_copy(update={"text": text, "target_words": count_words(text)})
    return case.model_copy(update={"subject": subject, "fault": kind, "planted": planted})


def _fields(dice: Random, subject: Subject) -> dict[str, str]:
    full = dict(zip("ABCDE", (character.name for character in subject.cast), strict=True))
    first = {key.lower(): name.split()[0] for key, name in full.items()}
    free = [name for name in STRANGERS if name not in subject.text]
    town = subject.lore.removeprefix("It happens in ").split(" on the ")[0]
    return {**full, **first, "x": dice.choice(free), "n": _misspelt(dice, full), "town": town}


def _misspelt(dice: Random, full: dict[str, str]) -> str:
    """A longer name of somebody present with one letter wrong, as a writer gets a name wrong: not at its beginning."""
    names = [part for key in "ABC" for part in full[key].split() if len(part) > 3 and part.isalpha()]
    name = dice.choice(names)
    at = dice.randrange(1, len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    doubled = name[:at] + name[at] + name[at:]
    other = name[:at] + dice.choice([c for c in "aeiou" if c != name[at]]) + name[at + 1 :]
    wrong = [each for each in (swapped, doubled, other) if each != name and each.isalpha()]
    return dice.choice(wrong)


def _passage(dice: Random, text: str) -> str:
    """One to three sentences of a text, of at least sixteen words together."""
    spans = sentences(text)
    at = dice.randrange(len(spans))
    spans = spans[at:] + spans[:at]
    for last in range(len(spans)):
        if spans[last][1] > spans[0][0] and count_words(text[spans[0][0] : spans[last][1]]) > 20:
            return text[spans[0][0] : spans[last][1]]
    return re.sub(r"\s+", " ", text[: text.index(".", len(text) // 3) + 1])


def _inserted(text: str, sentence: str, n: int) -> str:
    """A text with a sentence put in, between two of its sentences and outside of what is said, or at its end."""
    breaks = [
        m.end()
        for m in re.finditer(r"[a-z][.] (?=[A-Z“])", text)
        if text[: m.end()].count("“") == text[: m.end()].count("”")
    ]
    at = breaks[n % len(breaks)] if breaks else len(text)
    return f"{text[:at]}{sentence} {text[at:]}" if at < len(text) else f"{text} {sentence}"
