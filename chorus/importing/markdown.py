"""Where the headings of a Markdown text are, and the one backslash that keeps prose from being read as one."""

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chorus.domain.value import Value

_BLOCKS = MarkdownIt("commonmark").disable(["inline", "text_join", "html_block", "reference"])
_INLINE = MarkdownIt("commonmark").disable(["html_inline", "autolink"])
_SHIELDED = re.compile(r"^( {0,3})\\(?=\\*(?:#{1,6}(?:[ \t]|$)|=+[ \t]*$|-+[ \t]*$|`{3}|~{3}))")
_SENTENCE = re.compile(r"[.…][\"'”’»)]*$")


class Heading(Value):
    """A heading: its own lines are ``start`` to ``end`` (exclusive), counted from 0."""

    level: int
    title: str
    start: int
    end: int


def find_headings(lines: list[str]) -> list[Heading]:
    """Find the headings of a text that stand by themselves, not within a list, a quotation or a fenced block.

    An empty heading is none (a lone ``#`` is a scene break), nor is a sentence that happens to have a rule below it.
    """
    tokens = _BLOCKS.parse("\n".join(lines))
    found = [
        _heading(opening, content)
        for opening, content in pairwise(tokens)
        if opening.type == "heading_open" and opening.level == 0 and not _is_prose_over_rule(opening, content)
    ]
    return [heading for heading in found if heading.title]


def _heading(opening: Token, content: Token) -> Heading:
    start, end = opening.map or (0, 0)
    return Heading(level=int(opening.tag[1]), title=plain_title(content.content), start=start, end=end)


def _is_prose_over_rule(opening: Token, content: Token) -> bool:
    return opening.markup == "-" and ("\n" in content.content or bool(_SENTENCE.search(content.content)))


def plain_title(content: str) -> str:
    """Read a heading's content as a reader sees it: without emphasis, links and escapes, on one line."""
    children = _INLINE.parseInline(content)[0].children or []
    told = "".join(" " if child.type.endswith("break") else child.content for child in children)
    return " ".join(told.split()) or " ".join(content.split())


def unshield(line: str) -> str:
    """A line of prose without the backslash that kept it from being read as a heading or a fence."""
    return _SHIELDED.sub(r"\1", line)
