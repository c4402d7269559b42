"""XML and HTML from strangers as trees: no entity is expanded, nothing is fetched, sizes and depths are bounded."""

import html.entities
import re

from lxml import etree
from lxml.html import HTMLParser

from chorus.importing.text import decode

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.S | re.I)
_ENTITY = re.compile(r"&(?!#)(\w{1,40});?")
_KEPT = {"amp", "lt", "gt", "quot", "apos"}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_xml(raw: bytes) -> Element | None:
    """Parse XML, or return None where it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def parse_page(raw: bytes) -> Element | None:
    """Parse a page of XHTML, or of HTML in whatever state it is; None where there is nothing in it."""
    text = _NOT_IN_XML.sub("", decode(raw))
    whole = _ENTITY.sub(_character, _DOCTYPE.sub("", _DECLARATION.sub("", text), count=1))
    tree = parse_xml(whole.encode())
    if tree is not None and local_name(tree) == "html":
        return tree
    try:
        return etree.fromstring(text.encode(), HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _character(entity: re.Match[str]) -> str:
    """Names that HTML knows become their characters; what a document declares for itself stays as it is written."""
    name = entity[1]
    if name in _KEPT:
        return f"&{name};"
    known = html.entities.html5.get(f"{name};") if entity[0].endswith(";") else None
    return known or f"&amp;{entity[0][1:]}"


def local_name(element: Element) -> str:
    """The name of an element without its namespace, in lower case; empty for comments and the like."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without a namespace; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def children(element: Element, *names: str) -> list[Element]:
    """The elements below one, at any depth, that have one of these local names."""
    return [below for below in element.iter() if local_name(below) in names and below is not element]
