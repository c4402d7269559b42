"""Who acts in a scene without being able to: the dead, and those who are not there."""

import re
from collections.abc import Collection, Iterator

from chorus.continuity.lexicon import BODY, DEEDS, GESTURES, LOOKS_BACK, NOT_DEEDS, SAID, SUPPOSES
from chorus.continuity.names import fold, parts_of
from chorus.continuity.subject import Dead, Fault, Subject
from chorus.continuity.word_list import words_of
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.story import Character

MOST = 3
_VERB = r"(?P<verb>[^\W\d_]+)"
_POSSESSIVE = re.compile(r"['’]s?$")
_PART_MOVES = re.compile(r"\s+(?:[a-z]+\s+)??(?P<part>[a-z]+)\s+[a-z]+ed\b")
_WHERE = re.compile(
    r"^(?:At|In|On|Across|From|By|Behind|Near|Beside|Under|Outside|Inside|Above|Beyond|With)(?:\s[a-z]+){1,5}\s$"
)
_MADE = words_of(
    "built wrote made drew left bought kept chose loved planted painted brought sold sent gave dug mended cut"
)
_SPEAKER = re.compile(rf"[”\"’»]\s*{_VERB}\s+(?:[A-ZÀ-Þ]\w*\.?\s+)*$")
_SURNAME = re.compile(r"\s+[A-ZÀ-Þ][\w'’-]*")
_TITLES = re.compile(r"(?:[A-ZÀ-Þ]\w*\.?\s+)+$")
_DOES = re.compile(rf"(?:,[^,.]*,)?(?:\s+[a-z]+ly|\s+then|\s+only|\s+just|\s+still)?\s+{_VERB}")
_MAIN = re.compile(r"(?:^|[”\"’»,;:—–]\s*|\b(?:and|but|then|so|while|as)\s+)$")
_LOOKS_BACK = re.compile(LOOKS_BACK, re.IGNORECASE)
_SUPPOSES = re.compile(SUPPOSES)
_HAD = re.compile(
    r"\b(?:had|would|if|since|before|until|unless|where|which|who|whom|whose)\b|['’]d\b|"
    r"\bthat\b(?! (?:moment|instant|second|very|point|evening|morning|night))"
)
_COMES = re.compile(
    r"\b(?:arriv|came|come|enter|appear|join|return|burst|stepped|walked in|hurried in|knock|waiting|waited|found|met|"
    r"telephone|phone|rang|call|shouted from|wrote|message)",
    re.IGNORECASE,
)
# Those who speak, in languages whose other verbs are not known here.
_SAID_ELSEWHERE = words_of(
    """
    sagte fragte rief antwortete flüsterte murmelte nickte lächelte lachte dit demanda répondit cria murmura
    chuchota ajouta sourit rit hocha dijo preguntó respondió gritó murmuró susurró sonrió asintió rió disse
    chiese rispose gridò mormorò sussurrò sorrise annuì rise perguntou respondeu gritou murmurou sussurrou
    sorriu zei vroeg antwoordde riep fluisterde mompelde knikte glimlachte lachte
    """
)


def out_of_place(subject: Subject) -> list[Fault]:
    """Find the dead who act, and members of the cast who act in a scene that is not theirs and are not seen to come."""
    by_name = {character.name: character for character in subject.cast}
    faults = [
        _dead(dead, quote)
        for dead in subject.dead
        if dead.name in by_name
        for quote in _acts(subject, by_name[dead.name])
    ]
    if subject.tag == "en" and subject.present:
        gone = {dead.name for dead in subject.dead}
        away = [c for c in subject.cast if c.name not in subject.present and c.name not in gone]
        faults += [
            _absent(subject, c, quote) for c in away if not _is_seen_to_come(subject, c) for quote in _acts(subject, c)
        ]
    return faults[:MOST]


def _acts(subject: Subject, character: Character) -> Iterator[str]:
    """The first sentence in which somebody acts here and now, outside what is said aloud or looks back."""
    others = {word for other in subject.cast if other.id != character.id for word in parts_of(other)}
    words = sorted(parts_of(character) - others, key=len, reverse=True)
    for start, end in subject.sentences:
        if _may_look_back(subject, start):
            continue
        for match in re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", subject.text[start:end]):
            place = start + match.start()
            named = fold(match.group()) in words and match.group()[0].isupper() and not subject.is_quoted(place)
            if named and _is_deed(subject, start, place, start + match.end(), end):
                yield subject.text[start:end]
                return


def _is_deed(subject: Subject, start: int, place: int, stop: int, end: int) -> bool:
    """Whether whoever is named at ``place`` to ``stop``, in the sentence from ``start`` to ``end``, acts."""
    clause, name, after = subject.text[start:place], subject.text[place:stop], subject.text[stop:end]
    if _POSSESSIVE.search(name):
        moved = _PART_MOVES.match(after)
        return moved is not None and moved["part"] in BODY
    spoke = _SPEAKER.search(subject.text[max(0, place - 60) : place])
    if spoke and spoke["verb"] in SAID | _SAID_ELSEWHERE:
        return True
    surname = _SURNAME.match(after)
    does = _DOES.match(after[surname.end() :] if surname else after)
    if does is None or _HAD.search(clause) or not _is_active(does["verb"]):
        return False
    here = _WHERE.search(clause) and does["verb"] not in _MADE
    return bool(here or _MAIN.search(_TITLES.sub("", clause)))


def _is_active(verb: str) -> bool:
    if verb in SAID | GESTURES | DEEDS | _SAID_ELSEWHERE:
        return verb not in {"let", "lay", "kept", "cut"}
    return verb.endswith("ed") and len(verb) > 4 and verb not in NOT_DEEDS


def _may_look_back(subject: Subject, start: int) -> bool:
    """Whether the narrator remembers, dreams or supposes, in this sentence or in the one before it."""
    at = next(at for at, (first, _) in enumerate(subject.sentences) if first == start)
    told = [_told(subject, *span) for span in subject.sentences[max(0, at - 1) : at + 1]]
    return bool(_SUPPOSES.search(told[-1])) or any(_LOOKS_BACK.search(each) for each in told)


def _told(subject: Subject, start: int, end: int) -> str:
    """A sentence without what is said aloud in it."""
    told, reach = "", start
    for first, last in subject.quoted:
        if first < end and last > reach:
            told += subject.text[reach : max(reach, first)]
            reach = min(last, end)
    return told + subject.text[reach:end]


def _is_seen_to_come(subject: Subject, character: Character) -> bool:
    words = parts_of(character)
    told = [subject.text[start:end] for start, end in subject.sentences]
    return any(_names(sentence, words) and _COMES.search(sentence) for sentence in told)


def _names(sentence: str, words: Collection[str]) -> bool:
    return any(fold(word) in words for word in re.findall(r"[A-ZÀ-Þ][^\W\d_]*", sentence))


def _dead(dead: Dead, quote: str) -> Fault:
    return Fault(
        kind=FaultKind.DEAD,
        category=FindingCategory.CHARACTER,
        severity=Severity.MAJOR,
        description=f"{dead.name} is dead and acts all the same.",
        quote=quote,
        other_quote=dead.quote,
        other_scene=dead.scene,
    )


def _absent(subject: Subject, character: Character, quote: str) -> Fault:
    return Fault(
        kind=FaultKind.ABSENT,
        category=FindingCategory.CHARACTER,
        severity=Severity.MINOR,
        description=f"{character.name} acts here, but is not in this scene and is not seen to come.",
        quote=quote,
        other_quote=", ".join(subject.present),
    )
