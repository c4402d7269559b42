"""What a document of any format is to a reader: headings and paragraphs in order."""

from collections.abc import Iterable

from chorus.domain.value import Text, Value, storable
from chorus.importing.markdown import Heading

SCENE_BREAK = "* * *"


class Block(Value):
    """A paragraph, or a heading where ``level`` is 1 or more."""

    text: Text
    level: int = 0


class Document(Value):
    """What was read from a file; a ``title`` told apart from the text stands above every heading."""

    title: Text = ""
    blocks: tuple[Block, ...]


def lines_of(document: Document) -> tuple[list[str], list[Heading]]:
    """Lay a document out in lines, with a blank one after each block, and say where its headings are."""
    blocks = _titled(document) if document.title else document.blocks
    lines: list[str] = []
    headings: list[Heading] = []
    for block in _told(blocks):
        start = len(lines)
        lines += block.text.split("\n")
        if block.level:
            headings.append(Heading(level=block.level, title=block.text, start=start, end=len(lines)))
        lines.append("")
    return lines, headings


def _titled(document: Document) -> list[Block]:
    below = [block.model_copy(update={"level": block.level + bool(block.level)}) for block in document.blocks]
    return [Block(text=document.title, level=1), *below]


def _told(blocks: Iterable[Block]) -> Iterable[Block]:
    """Leave out what is blank, and put headings on one line."""
    for block in blocks:
        text = " ".join(block.text.split()) if block.level else "\n".join(_tidy(block.text)).strip("\n")
        if text:
            yield Block(text=storable(text), level=block.level)


def _tidy(text: str) -> list[str]:
    return [line.strip(" \t\r") for line in text.split("\n")]
