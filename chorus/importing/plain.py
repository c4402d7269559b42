"""Texts without headings: lines such as ``CHAPTER ONE`` begin chapters, lines such as ``* * *`` divide scenes."""

import re
from collections.abc import Iterator
from itertools import pairwise

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_NUMBER = rf"(?:\d+|[ivxlcdm]+|{_TEENS}|(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_UNITS})"
_CHAPTER = re.compile(
    rf"^\s*(?:(?:chapter|part|book)\s+(?:the\s+)?{_NUMBER}(?:\s*[.:—–-]|(?=\s+(?-i:[A-Z\"“‘]))|\s*$).{{0,80}}|"
    r"(?:prologue|epilogue|interlude)\s*[.:]?)\s*$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"^\s*(?:\*(?:\s*\*){2,}|-(?:\s*-){2,}|_(?:\s*_){2,}|~(?:\s*~){2,}|#|⁂)\s*$")


def split_chapters(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield (title, lines) of each chapter; what stands before the first one has the empty title."""
    starts = [number for number in range(len(lines)) if _begins_chapter(lines, number)]
    yield "", lines[: starts[0]] if starts else lines
    for start, end in pairwise([*starts, len(lines)]):
        yield " ".join(lines[start].split()), lines[start + 1 : end]


def _begins_chapter(lines: list[str], number: int) -> bool:
    """Whether a line stands alone, between blank lines or the ends, and says that it begins a chapter."""
    around = lines[max(number - 1, 0) : number] + lines[number + 1 : number + 2]
    return bool(_CHAPTER.match(lines[number])) and not any(line.strip() for line in around)


def split_scenes(lines: list[str]) -> list[str]:
    """Divide a chapter's lines at its scene breaks; what is left blank is left out."""
    scenes: list[list[str]] = [[]]
    for line in lines:
        if _BREAK.match(line):
            scenes.append([])
        else:
            scenes[-1].append(line)
    texts = ["\n".join(scene).strip() for scene in scenes]
    return [text for text in texts if text]
