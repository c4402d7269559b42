"""An EPUB 2 or 3 as headings and paragraphs, in the order of its spine. Leaves what a page says to ``page``.

The title is the package's. A document that has no heading gets the one that the navigation gives it; cover, title page,
contents and what stands beside the text are skipped.
"""

import posixpath
from urllib.parse import unquote, urlsplit

from chorus.errors import InvalidInput
from chorus.importing.archive import Archive
from chorus.importing.blocks import Block, Document
from chorus.importing.page import blocks_of, types_of
from chorus.importing.trees import Element, attribute, children, local_name, parse_page, parse_xml

_CONTAINER = "META-INF/container.xml"
_LOCKS = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_NOT_THE_TEXT = {
    *("cover", "titlepage", "halftitlepage", "title-page", "copyright-page", "copyright", "toc", "landmarks", "index"),
    *("imprint", "colophon", "page-list", "loi", "lot", "other-credits", "seriespage"),
}
MOST_BY_LINES = 120
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")


def read_epub(archive: Archive) -> Document:
    """Read the book.

    Raises:
        InvalidInput: it is broken, copy-protected, or too large.
    """
    _refuse_locked(archive)
    path = _package_path(archive)
    package = parse_xml(archive.read(path))
    if package is None:
        raise archive.broken()
    items = {attribute(item, "id"): item for item in children(package, "item")}
    skipped = _guide(package, path)
    named = _navigation(archive, package, items, path)
    title = next((_said(element) for element in children(package, "title")), "")
    wanted = [where for where in _in_order(archive, package, items, path) if where not in skipped]
    blocks: list[Block] = []
    has_title_page = False
    for where in wanted:
        body = _body(archive.read(where))
        beside = _beside_the_text(body) if body is not None else set()
        has_title_page |= "titlepage" in beside
        if body is None or beside:
            continue
        read = blocks_of(body)
        if blocks or has_title_page or not _is_title_page(read, title):
            blocks += _headed(read, named.get(where))
    return Document(title=title, blocks=tuple(blocks))


def _in_order(archive: Archive, package: Element, items: dict[str, Element], path: str) -> list[str]:
    """The documents of the spine that a reader turns to one after the other."""
    found = []
    for reference in children(package, "itemref"):
        item = items.get(attribute(reference, "idref"))
        where = _target(path, attribute(item, "href")) if item is not None else ""
        if where in archive and _is_text(reference, item):
            found.append(where)
    return found


def _refuse_locked(archive: Archive) -> None:
    path = "META-INF/encryption.xml"
    encryption = parse_xml(archive.read(path)) if path in archive else None
    methods = children(encryption, "encryptionmethod") if encryption is not None else []
    is_locked = any(lock in archive for lock in _LOCKS) or any(
        attribute(method, "Algorithm") not in _FONT_SCRAMBLING for method in methods
    )
    if is_locked:
        raise InvalidInput(f"{archive.name} is copy-protected (DRM): only an unprotected EPUB can be imported.")


def _package_path(archive: Archive) -> str:
    container = parse_xml(archive.read(_CONTAINER))
    files = children(container, "rootfile") if container is not None else []
    path = next((attribute(file, "full-path") for file in files), "")
    if path not in archive:
        raise archive.broken()
    return path


def _target(base: str, link: str) -> str:
    """The member that a link in ``base`` leads to; nothing outside the archive has a name here."""
    try:
        path = unquote(urlsplit(link).path)
    except ValueError:
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else ""


def _is_text(reference: Element, item: Element | None) -> bool:
    if item is None or attribute(reference, "linear") == "no":
        return False
    return attribute(item, "media-type") in _PAGES and "nav" not in attribute(item, "properties").split()


def _guide(package: Element, path: str) -> set[str]:
    """What an EPUB 2 says is no text."""
    references = (reference for guide in children(package, "guide") for reference in children(guide, "reference"))
    return {
        _target(path, attribute(reference, "href"))
        for reference in references
        if attribute(reference, "type").lower() in _NOT_THE_TEXT
    }


# --- what the navigation calls each document


def _navigation(archive: Archive, package: Element, items: dict[str, Element], path: str) -> dict[str, Block]:
    """The first name that the contents give to each document, at the depth where it stands there."""
    spine = next(iter(children(package, "spine")), None)
    ncx = items.get(attribute(spine, "toc")) if spine is not None else None
    nav = next((item for item in items.values() if "nav" in attribute(item, "properties").split()), None)
    for item, read in ((nav, _nav_entries), (ncx, _ncx_entries)):
        where = _target(path, attribute(item, "href")) if item is not None else ""
        if where in archive:
            named: dict[str, Block] = {}
            for link, block in read(archive.read(where)):
                named.setdefault(_target(where, link), block)
            if named:
                return named
    return {}


def _nav_entries(raw: bytes) -> list[tuple[str, Block]]:
    page = parse_page(raw)
    navs = children(page, "nav") if page is not None else []
    contents = next((nav for nav in navs if "toc" in types_of(nav)), None)
    links = children(contents, "a") if contents is not None else []
    return [(link.get("href") or "", Block(text=_said(link), level=_depth(link, "ol"))) for link in links]


def _ncx_entries(raw: bytes) -> list[tuple[str, Block]]:
    ncx = parse_xml(raw)
    found = []
    for point in children(ncx, "navpoint") if ncx is not None else []:
        label = next((part for part in point if local_name(part) == "navlabel"), None)
        content = next((part for part in point if local_name(part) == "content"), None)
        if label is not None and content is not None:
            found.append((attribute(content, "src"), Block(text=_said(label), level=_depth(point, "navpoint") + 1)))
    return found


def _depth(element: Element, name: str) -> int:
    return sum(local_name(above) == name for above in element.iterancestors())


def _said(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


# --- a document of the spine


def _body(raw: bytes) -> Element | None:
    page = parse_page(raw)
    return next(iter(children(page, "body")), page) if page is not None else None


def _headed(read: list[Block], name: Block | None) -> list[Block]:
    """A document's blocks under the name that the contents give it, where it has no heading of its own."""
    if not read or name is None or not name.text or any(block.level for block in read):
        return read
    return [name, *(read[1:] if " ".join(read[0].text.split()) == name.text else read)]


def _is_title_page(read: list[Block], title: str) -> bool:
    """Whether the first page that is no cover says the title and little else: by whom, and when."""
    lines = [" ".join(block.text.split()) for block in read]
    return bool(lines) and lines[0] == title and len(" ".join(lines[1:])) < MOST_BY_LINES


def _beside_the_text(body: Element) -> set[str]:
    """What a page says that it is, itself or by the one part it consists of, where that is no text."""
    parts = [part for part in body if local_name(part)]
    own = types_of(body) | (types_of(parts[0]) if len(parts) == 1 else set())
    return own & _NOT_THE_TEXT
