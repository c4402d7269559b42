"""An outline as a text that an editor changes in any editor, and back. Moving a block moves a scene; its number stays.

```
## 1 Autumn

### 1 The bottle [locked]

Ilan finds a letter that is addressed to him.

- he climbs down to the water
- he reads his own name

with: Ilan, Mara
at: the lighthouse
when: Day 1, evening
ends: Ilan knows that somebody waits for him.
opens: Who wrote the letter?
words: 700
```

A new scene has ``+`` in place of a number; ``begins:`` is there only where a scene does not begin where the one before
ends; a block that is deleted is a scene that is removed.
"""

import re
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from chorus.domain.outline_draft import ChapterDraft, OutlineDraft, SceneDraft
from chorus.errors import InvalidInput

_CHAPTER = re.compile(r"^##(?!#)\s*(?:(\d+)(?=\s|$)|\+)?\s*(.*?)\s*$")
_SCENE = re.compile(r"^###(?!#)\s*(?:(\d+)(?=\s|$)|\+)?\s*(.*?)\s*(\[locked\])?\s*$")
_FIELD = re.compile(r"^(with|at|when|begins|ends|opens|answers|words):\s*(.*?)\s*$")
_MARKED = re.compile(r"^(?:\\|#|[-*]\s|(?:with|at|when|begins|ends|opens|answers|words):)")
_ONE_LINE = {"at": "place", "when": "story_time", "begins": "entry", "ends": "exit"}
_MANY_LINES = {"opens": "plants", "answers": "payoffs"}


def outline_text(draft: OutlineDraft, title: str = "") -> str:
    """Write a draft as text."""
    parts = [f"# {_line(title)}"] if title else []
    for chapter in draft.chapters:
        parts.append(" ".join(filter(None, ["##", _number(chapter.number), _line(chapter.title)])))
        parts += map(_scene_text, chapter.scenes)
    return "\n\n".join(parts) + "\n"


def read_outline(text: str) -> OutlineDraft:
    """Read a draft out of a text.

    Raises:
        InvalidInput: a line is before the first scene, or a number is none.
    """
    chapters: list[tuple[int | None, str, list[SceneDraft]]] = []
    for heading, lines in _blocks(text):
        if found := _CHAPTER.match(heading):
            if any(line.strip() for _, line in lines):
                raise InvalidInput(f"Line {lines[0][0]}: under a chapter only scenes (### ...) can stand.")
            chapters.append((int(found[1]) if found[1] else None, found[2], []))
        elif found := _SCENE.match(heading):
            if not chapters:
                chapters.append((None, "", []))
            chapters[-1][2].append(_scene(found, lines))
    return OutlineDraft(
        chapters=tuple(
            ChapterDraft(number=number, title=title, scenes=tuple(scenes)) for number, title, scenes in chapters
        )
    )


def _scene_text(scene: SceneDraft) -> str:
    heading = ["###", _number(scene.number), _line(scene.title), "[locked]" if scene.locked else ""]
    fields = [
        ("with", ", ".join(map(_line, scene.cast))),
        ("at", _line(scene.place)),
        ("when", _line(scene.story_time)),
        ("begins", _line(scene.entry)),
        ("ends", _line(scene.exit)),
        *(("opens", _line(thread)) for thread in scene.plants),
        *(("answers", _line(thread)) for thread in scene.payoffs),
        ("words", str(scene.target_words) if scene.target_words else ""),
    ]
    purpose = _line(scene.purpose)
    parts = [
        " ".join(filter(None, heading)),
        f"\\{purpose}" if _MARKED.match(purpose) else purpose,
        "\n".join(f"- {_line(beat)}" for beat in scene.beats),
        "\n".join(f"{name}: {value}" for name, value in fields if value),
    ]
    return "\n\n".join(filter(None, parts))


def _scene(heading: re.Match[str], lines: Iterable[tuple[int, str]]) -> SceneDraft:
    told: list[str] = []
    beats: list[str] = []
    fields: dict[str, object] = {}
    many: dict[str, list[str]] = {"plants": [], "payoffs": []}
    for at, line in lines:
        found = _FIELD.match(line)
        if found and found[1] in _ONE_LINE:
            fields[_ONE_LINE[found[1]]] = found[2]
        elif found and found[1] in _MANY_LINES:
            many[_MANY_LINES[found[1]]].append(found[2])
        elif found and found[1] == "with":
            fields["cast"] = tuple(name.strip() for name in found[2].split(",") if name.strip())
        elif found:
            fields["target_words"] = _words(found[2], at)
        elif re.match(r"^[-*]\s", line):
            beats.append(line[2:].strip())
        else:
            told.append(line.removeprefix("\\").strip())
    purpose = " ".join(filter(None, told))
    number = int(heading[1]) if heading[1] else None
    texts = {name: tuple(filter(None, values)) for name, values in {**many, "beats": beats}.items()}
    locked = heading[3] is not None
    given = {"number": number, "title": heading[2], "purpose": purpose, "locked": locked, **fields, **texts}
    try:
        return SceneDraft.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InvalidInput(f"Scene “{heading[2]}”, {wrong['loc'][0]}: {wrong['msg']}.") from error


def _blocks(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each heading of a chapter or a scene, with the numbered lines under it."""
    heading = ""
    lines: list[tuple[int, str]] = []
    for at, line in enumerate(text.splitlines(), 1):
        if re.match(r"^#{2,3}(?!#)", line):
            if heading:
                yield heading, lines
            heading, lines = line, []
        elif heading:
            lines.append((at, line.strip()))
        elif line.strip() and not line.startswith("# "):
            raise InvalidInput(f"Line {at}: an outline begins with a chapter (## ...) or a scene (### ...).")
    if heading:
        yield heading, lines


def _words(value: str, at: int) -> int:
    if not value.isdecimal() or len(value) > 4:
        raise InvalidInput(f"Line {at}: “words” is {value!r}, but must be a number.")
    return int(value)


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(number: int | None) -> str:
    return str(number) if number else "+"
