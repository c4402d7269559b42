"""A Word document (.docx) as headings and paragraphs, without footnotes, comments, headers, pictures and deletions."""

from collections.abc import Iterator

from chorus.importing.archive import Archive
from chorus.importing.blocks import Block, Document
from chorus.importing.trees import Element, attribute, local_name, parse_xml

_TITLE = -1  # the level of the style Title, above all headings
_SUBTITLE = -2
_CONTENTS = -3
_DEEPEST_STYLES = 20
_UNREAD = {
    *("del", "movefrom", "instrtext", "deltext", "drawing", "pict", "object", "alternatecontent", "rpr", "ppr"),
    *("footnotereference", "endnotereference", "commentreference", "txbxcontent", "rt"),
}
_MARKS = {"tab": " ", "cr": "\n", "nobreakhyphen": "-", "ptab": " "}


def read_word(archive: Archive) -> Document:
    """Read the document's main part.

    Raises:
        InvalidInput: it is broken, protected, or too large.
    """
    main = _main_part(archive)
    document = parse_xml(archive.read(main))
    body = next((part for part in document if local_name(part) == "body"), None) if document is not None else None
    if body is None:
        raise archive.broken()
    blocks = list(_blocks(body, _levels(archive, main)))
    return _titled([block for block in blocks if block.level != _CONTENTS])


def _main_part(archive: Archive) -> str:
    """Where the relationships of the package say that its text is."""
    relations = parse_xml(archive.read("_rels/.rels")) if "_rels/.rels" in archive else None
    for relation in relations if relations is not None else ():
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").lstrip("/")
    return "word/document.xml"


def _titled(blocks: list[Block]) -> Document:
    """Take the first paragraphs in the style Title out as the title, with the subtitle that follows them."""
    start = next((n for n, block in enumerate(blocks) if block.level == _TITLE), None)
    if start is None or any(block.level > 0 for block in blocks[:start]):
        return Document(blocks=tuple(map(_plain, blocks)))
    end = start
    while end < len(blocks) and blocks[end].level == _TITLE:
        end += 1
    title = " ".join(" ".join(block.text.split()) for block in blocks[start:end])
    rest = [block for n, block in enumerate(blocks) if not start <= n < end and block.level != _SUBTITLE]
    return Document(title=title, blocks=tuple(map(_plain, rest)))


def _plain(block: Block) -> Block:
    return block if block.level >= 0 else block.model_copy(update={"level": 0})


# --- styles


def _levels(archive: Archive, main: str) -> dict[str, int]:
    """The heading level of each paragraph style that has one, by its own name or by the style it is based on."""
    folder = main.rpartition("/")[0]
    path = f"{folder}/styles.xml" if folder else "styles.xml"
    root = parse_xml(archive.read(path)) if path in archive else None
    styles = (
        {attribute(style, "styleId"): style for style in root if local_name(style) == "style"}
        if root is not None
        else {}
    )
    return {name: level for name in styles if (level := _level_of(name, styles)) is not None}


def _level_of(name: str, styles: dict[str, Element]) -> int | None:
    for _ in range(_DEEPEST_STYLES):
        style = styles.get(name)
        if style is None:
            return None
        parts = {local_name(part): part for part in style}
        called = attribute(parts["name"], "val").lower() if "name" in parts else ""
        level = _level_called(called)
        if level is None and "ppr" in parts:
            level = _outline_level(parts["ppr"])
        if level is not None or "basedon" not in parts:
            return level
        name = attribute(parts["basedon"], "val")
    return None


def _level_called(name: str) -> int | None:
    """The built-in names are English in every Word."""
    kind, _, number = name.rpartition(" ")
    if kind == "heading" and number.isdigit():
        return int(number)
    if kind == "toc":
        return _CONTENTS
    return {"title": _TITLE, "subtitle": _SUBTITLE}.get(name)


def _outline_level(properties: Element) -> int | None:
    found = next((attribute(part, "val") for part in properties if local_name(part) == "outlinelvl"), "")
    return int(found) + 1 if found.isdigit() and int(found) < 9 else None


# --- text


def _blocks(parent: Element, levels: dict[str, int]) -> Iterator[Block]:
    for part in parent:
        match local_name(part):
            case "p":
                yield Block(text=_text(part), level=_paragraph_level(part, levels))
            case "tbl":
                yield from _rows(part, levels)
            case "sdt" | "customxml" | "sdtcontent" | "ins" | "moveto":
                if not _is_contents(part):
                    yield from _blocks(part, levels)


def _paragraph_level(paragraph: Element, levels: dict[str, int]) -> int:
    properties = next((part for part in paragraph if local_name(part) == "ppr"), None)
    if properties is None:
        return 0
    direct = _outline_level(properties)
    style = next((attribute(part, "val") for part in properties if local_name(part) == "pstyle"), "")
    if _has_rule(properties) and not _text(paragraph).strip():
        return 0
    return direct if direct is not None else levels.get(style, 0)


def _has_rule(properties: Element) -> bool:
    return any(local_name(part) == "pbdr" for part in properties)


def _is_contents(control: Element) -> bool:
    """Whether a content control holds the table of contents."""
    galleries = (part for part in control.iter() if local_name(part) == "docpartgallery")
    return any(attribute(gallery, "val") == "Table of Contents" for gallery in galleries)


def _rows(table: Element, levels: dict[str, int]) -> Iterator[Block]:
    """One paragraph for a table's row."""
    for row in (part for part in table.iter() if local_name(part) == "tr"):
        cells = [cell for cell in row if local_name(cell) == "tc"]
        texts = (" ".join(" ".join(block.text.split()) for block in _blocks(cell, levels)) for cell in cells)
        yield Block(text=" | ".join(text for text in texts if text.strip()))


def _text(element: Element) -> str:
    return "".join(_pieces(element))


def _pieces(element: Element) -> Iterator[str]:
    for part in element:
        name = local_name(part)
        if name == "t":
            yield part.text or ""
        elif name == "br":
            yield "\n" if attribute(part, "type") in ("", "textWrapping") else ""
        elif name in _MARKS:
            yield _MARKS[name]
        elif name not in _UNREAD and not (name == "r" and _is_hidden(part)):
            yield from _pieces(part)


def _is_hidden(run: Element) -> bool:
    properties = next((part for part in run if local_name(part) == "rpr"), None)
    hidden = (part for part in properties if local_name(part) == "vanish") if properties is not None else ()
    return any(attribute(part, "val") not in ("0", "false") for part in hidden)
