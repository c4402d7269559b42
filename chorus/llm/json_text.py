"""Finds the JSON in what a model said, and mends small slips without asking again; ``structured`` reads its meaning."""

import json
import re
from typing import Any

_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.S | re.I)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```", re.S | re.I)
_OPENS_JSON = re.compile(r"\{\s*[\"'}]|\[\s*[\[{\"'\d\]-]")
_ENDS_JSON = re.compile(r"""(["'\]},]|true|false|null|[:,\[]\s*-?\d+(\.\d+)?)\s*[}\]]\Z""")
_OPENERS_TRIED = 20


class NoJson(ValueError):
    """There is no complete JSON value in the text; the message says what was missing."""


def without_thoughts(text: str) -> str:
    """Drop a leading block of thinking aloud, as some local models send it."""
    return _THOUGHTS.sub("", text, count=1)


def find_json(text: str) -> Any:
    """Read the JSON value in a text, whatever stands around it.

    Raises:
        NoJson: there is none, or it breaks off: a value that breaks off is not completed by guessing.

    """
    stripped = text.strip()
    for candidate in (stripped, *_fenced(stripped)):
        value = _loads(candidate)
        if value is not None:
            return value
    pieces = _balanced_pieces(stripped)
    read = (_loads(piece) for piece in pieces)
    value = next((value for value in read if value is not None), None)
    return value if value is not None else _mended(max(pieces, key=len))


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _fenced(text: str) -> list[str]:
    return [match.group(1) for match in _FENCE.finditer(text)]


def _balanced_pieces(text: str) -> list[str]:
    """Give the outermost bracketed pieces, longest first; there is at least one."""
    pieces: list[str] = []
    at = 0
    for _ in range(_OPENERS_TRIED):
        opener = _OPENS_JSON.search(text, at)
        if opener is None:
            break
        end = _end_of_value(text, opener.start())
        pieces.append(text[opener.start() : end])
        at = end
    if not pieces:
        raise NoJson("there is no JSON in the answer")
    return sorted(pieces, key=len, reverse=True)


def _end_of_value(text: str, start: int) -> int:
    """Walk to the bracket that closes the one at ``start``, minding strings."""
    depth, in_string, escaped = 0, False, False
    for position in range(start, len(text)):
        char = text[position]
        if in_string:
            in_string = escaped or char != '"'
            escaped = not escaped and char == "\\"
        elif char == '"':
            in_string = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return position + 1
    return _end_despite_stray_quotes(text, start)


def _end_despite_stray_quotes(text: str, start: int) -> int:
    """Accept a value whose quotes do not pair up if the text ends as such a value would; else it was cut."""
    end = len(text.rstrip().removesuffix("```").rstrip())
    closer = {"{": "}", "[": "]"}[text[start]]
    if text[end - 1] == closer and _ENDS_JSON.search(text, max(start, end - 40), end):
        return end
    raise NoJson("the JSON breaks off before its end")


def _mended(text: str) -> Any:
    """Mend trailing commas, single quotes, comments and the like."""
    from json_repair import repair_json  # takes a tenth of a second to import, and is rarely needed

    value = repair_json(text, return_objects=True, skip_json_loads=True)
    if value in ("", None):
        raise NoJson("the JSON cannot be read")
    return value
