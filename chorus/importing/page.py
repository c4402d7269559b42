"""The blocks of an HTML or XHTML page, as a reader meets them: no navigation, notes, scripts or hidden parts."""

from collections.abc import Iterator

from chorus.importing.blocks import SCENE_BREAK, Block
from chorus.importing.trees import Element, local_name

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNREAD = {
    *("script", "style", "head", "title", "nav", "template", "noscript", "iframe", "object", "svg", "math", "form"),
    *("audio", "video", "canvas", "rt", "rp", "button", "select", "textarea", "dialog"),
}
_INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins"),
    *(
        "kbd",
        "label",
        "mark",
        "q",
        "ruby",
        "rb",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
    ),
    *("tt", "u", "var", "wbr", "img", ""),
}
_NOTES = {"noteref", "footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "pagebreak", "toc"}
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_SPACE = " \t\n\r\f"


def blocks_of(page: Element) -> list[Block]:
    """Read a page's blocks in order."""
    reader = _Reader()
    reader.read(page, keeps_lines=False)
    reader.flush()
    return reader.blocks


def types_of(element: Element) -> set[str]:
    """What an element says it is: ``epub:type`` and the roles of digital publishing."""
    roles = (role.removeprefix("doc-") for role in (element.get("role") or "").split())
    return {*roles, *(element.get(_EPUB_TYPE) or element.get("epub:type") or "").split()}


class _Reader:
    """Gathers the pieces of the current paragraph until its block ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []

    def flush(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if text.strip():
            self.blocks.append(Block(text=text))

    def read(self, element: Element, *, keeps_lines: bool) -> None:
        name = local_name(element)
        if name in _UNREAD or _is_aside(element):
            return
        if name in _HEADINGS:
            self._heading(element, _HEADINGS[name])
        elif name == "br":
            self._pieces.append("\n")
        elif name == "hr":
            self.flush()
            self.blocks.append(Block(text=SCENE_BREAK))
        elif name == "tr":
            self._row(element)
        elif name in _INLINE:
            self._inside(element, keeps_lines=keeps_lines)
        else:
            self.flush()
            self._inside(element, keeps_lines=keeps_lines or name == "pre")
            self.flush()

    def _inside(self, element: Element, *, keeps_lines: bool) -> None:
        if isinstance(element.tag, str):
            self._say(element.text, keeps_lines=keeps_lines)
        for child in element:
            self.read(child, keeps_lines=keeps_lines)
            self._say(child.tail, keeps_lines=keeps_lines)

    def _say(self, text: str | None, *, keeps_lines: bool) -> None:
        """Add text, its white space folded into single spaces as a browser does."""
        if not text:
            return
        if keeps_lines:
            self._pieces.append(text)
            return
        folded = " ".join(_words(text))
        before = " " if text[0] in _SPACE and not self._ends_blank() else ""
        after = " " if folded and text[-1] in _SPACE else ""
        self._pieces.append(f"{before}{folded}{after}")

    def _ends_blank(self) -> bool:
        last = next((piece for piece in reversed(self._pieces) if piece), "\n")
        return last[-1] in " \n"

    def _heading(self, element: Element, level: int) -> None:
        self.flush()
        text = " ".join(" ".join(block.text.split()) for block in _within(element))
        pictured = (image.get("alt") for image in element.iter("img", "{*}img"))
        self.blocks.append(Block(text=text or next(filter(None, pictured), None) or "", level=level))

    def _row(self, row: Element) -> None:
        """One paragraph for a table's row."""
        self.flush()
        cells = (" ".join(block.text for block in _within(cell)) for cell in row if local_name(cell) in ("td", "th"))
        text = " | ".join(cell for cell in cells if cell.strip())
        if text:
            self.blocks.append(Block(text=text))


def _within(element: Element) -> list[Block]:
    reader = _Reader()
    reader._inside(element, keeps_lines=False)  # noqa: SLF001 - one of its own
    reader.flush()
    return reader.blocks


def _words(text: str) -> Iterator[str]:
    """The words of a text between the white space that HTML folds; a no-break space is none of it."""
    for character in _SPACE[1:]:
        text = text.replace(character, " ")
    return (word for word in text.split(" ") if word)


def _is_aside(element: Element) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return bool(types_of(element) & _NOTES)
