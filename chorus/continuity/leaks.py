"""Leaked prompt text: labels, JSON, the wording of a question or of the brief, and a model that speaks of itself."""

import re
from collections.abc import Iterator
from functools import lru_cache

from chorus.continuity.echoes import Echo, Echoes, runs_of
from chorus.continuity.subject import Fault, Subject
from chorus.domain.canon import FaultKind, FindingCategory, Severity

MOST = 3
FEWEST_ASKED = 9
FEWEST_PLANNED = 10
_SELF = re.compile(
    r"\b(?:as an? (?:AI|artificial intelligence|(?:large )?language model)\b|(?:I am|I['’]m) an AI\b|"
    r"(?:large )?language model\b|"
    r"I (?:cannot|can['’]t|am unable to|won['’]t) (?:write|generate|create|continue|produce|fulfil|comply with) "
    r"(?:this|that|the|an?|such|any|your) (?:\w+ )?(?:scene|story|text|content|request|prompt)|"
    r"(?:here is|here['’]s) (?:the|a|your|my) (?:revised |rewritten |new |next )?"
    r"(?:scene|story|draft|text|version|continuation)\b|(?:word count|target words?|total words)\s*:|"
    r"an editor found this wrong|the scene is told in the (?:present|past) tense|"
    r"(?:system|user|assistant)\s*:\s|let me know if you|I hope this (?:helps|meets)|feel free to|"
    r"(?:this|the) (?:scene|chapter|draft) (?:should|must|has to|needs to) )",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[(?:insert|your|name|continue|end of|scene|note)[^\]\n]*\]|<\|?[a-z_]+\|?>", re.IGNORECASE)
_JSON = re.compile(r"[{\[]\s*\"[^\"\n]{1,60}\"\s*[:,]|\"[a-z_]{2,40}\"\s*:\s*[\[{\"\d]|```")
_LABEL = re.compile(
    r"(?:^|(?<=[.!?”\"]\s))[*_#>\- ]*(?:Scene(?: \d+)?|Chapter(?: \d+)?|Setting|Characters?|Cast|Purpose|Beats?|Entry|"
    r"Exit|Summary|Premise|Style|Tone|Plot|Instructions?|POV|Target|Goal|Output|Answer|Response|Revision|Findings?|Context|"
    r"Story so far)[*_ ]*:",
    re.MULTILINE,
)


def leaks(subject: Subject) -> list[Fault]:
    """Find what was meant for a model, or is a model's own word, and not for readers."""
    found: dict[tuple[int, int], Fault] = {}
    for pattern in (_SELF, _MARK, _JSON, _LABEL):
        for match in pattern.finditer(subject.text):
            if subject.is_quoted(match.start()) and pattern is not _JSON and "AI" not in match.group():
                continue
            span = subject.sentence_at(match.start())
            found.setdefault(span, _fault(subject, span, "is no part of a story", "", Severity.MAJOR))
    for echo, source in _copied(subject, subject.asked, FEWEST_ASKED):
        found.setdefault(echo.span, _fault(subject, echo.span, "repeats the question", source, Severity.MAJOR))
    for echo, source in _copied(subject, subject.brief, FEWEST_PLANNED):
        found.setdefault(
            echo.span, _fault(subject, echo.span, "repeats the plan word for word", source, Severity.MINOR)
        )
    return list(found.values())[:MOST]


def _copied(subject: Subject, told: tuple[str, ...], fewest: int) -> Iterator[tuple[Echo, str]]:
    for line in told:
        if subject.runs.isdisjoint(_runs_of_line(line)):
            continue
        echoes = Echoes()
        echoes.add(0, line)
        for echo in echoes.find(subject.text, 1, fewest=fewest):
            if echo.scene == 0:
                yield echo, line[slice(*echo.other)]


_runs_of_line = lru_cache(maxsize=1024)(runs_of)
"""Questions are worded alike for all scenes."""


def _fault(subject: Subject, span: tuple[int, int], what: str, source: str, severity: Severity) -> Fault:
    return Fault(
        kind=FaultKind.LEAK,
        category=FindingCategory.STYLE,
        severity=severity,
        description=f"This {what}.",
        quote=subject.text[slice(*span)],
        other_quote=source,
    )
