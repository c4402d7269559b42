"""A story as a Word document with real styles: a title page, contents as a field, chapters and scenes as headings."""

import io
import zipfile

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from lxml import etree

from chorus.domain.language import UNKNOWN, language_tag, reads_right_to_left
from chorus.domain.story import Story
from chorus.domain.wording import wording_of
from chorus.export.archive import packed
from chorus.export.book import Book, BookScene

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

_TYPEFACE = "Georgia"
_INK = RGBColor(0x22, 0x22, 0x22)


def to_word(book: Book, story: Story) -> bytes:
    """Set a book as .docx: Title, Heading 1 for chapters, Heading 2 for scenes. The same story gives the same bytes."""
    document = Document()
    _set_page(document)
    _set_styles(document, language_tag(book.language))
    _say_what_it_is(document, book, story)
    document.add_paragraph(book.title, style="Title")
    _contents(document, book)
    _start_text(document)
    text = _Text(document)
    for chapter in book.chapters:
        if chapter.has_heading:
            opens_page = chapter is not book.chapters[0]
            text.add_heading("Heading1", chapter.title, f"chapter-{chapter.number}", opens_page=opens_page)
        for scene in chapter.scenes:
            _scene(text, scene, "Heading2" if chapter.has_heading else "Heading1")
    if reads_right_to_left(language_tag(book.language)):
        _turn_around(document)
    return _packed(document)


def _scene(text: "_Text", scene: BookScene, style: str) -> None:
    if scene.has_heading:
        text.add_heading(style, scene.title, f"scene-{scene.number}")
    for n, lines in enumerate(scene.paragraphs):
        text.add("FirstParagraph" if n == 0 else "BodyText", lines)


class _Text:
    """Adds paragraphs at a document's end, past python-docx, whose own way takes the longer the more there are."""

    def __init__(self, document: WordDocument) -> None:
        self._end = document.element.body[-1]
        self._headings = 0

    def add(self, style: str, lines: list[str]) -> Element:
        paragraph = OxmlElement("w:p")
        _inside(_inside(paragraph, "w:pPr"), "w:pStyle", val=style)
        run = _inside(paragraph, "w:r")
        for n, line in enumerate(lines):
            if n:
                _inside(run, "w:br")
            said = _inside(run, "w:t")
            said.text = line.replace("\t", " ")
            said.set(qn("xml:space"), "preserve")
        self._end.addprevious(paragraph)
        return paragraph

    def add_heading(self, style: str, title: str, anchor: str, *, opens_page: bool = False) -> None:
        """Add a heading with a bookmark, for the contents to lead to."""
        heading = self.add(style, [title])
        if opens_page:
            _inside(heading[0], "w:pageBreakBefore")
        self._headings += 1
        _inside(heading, "w:bookmarkStart", id=str(self._headings), name=anchor)
        _inside(heading, "w:bookmarkEnd", id=str(self._headings))


def _inside(parent: Element, name: str, /, **attributes: str) -> Element:
    """Add an element at the end of another."""
    element = etree.SubElement(parent, qn(name))
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


# --- the page and its styles


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(148), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(22), Mm(24)


def _set_styles(document: WordDocument, tag: str) -> None:
    styles = document.styles
    normal = _paragraph_style(document, "Normal")
    _set_type(normal, 11)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.3
    body = _paragraph_style(document, "Body Text")
    body.paragraph_format.space_after = Pt(0)
    body.paragraph_format.first_line_indent = Mm(5)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    first = styles.add_style("First Paragraph", WD_STYLE_TYPE.PARAGRAPH)
    first.base_style, first.next_paragraph_style = body, body
    first.paragraph_format.first_line_indent = Mm(0)
    for name, size, before, after in (("Title", 30, 170, 0), ("Heading 1", 20, 90, 36), ("Heading 2", 12.5, 26, 12)):
        _set_heading(_paragraph_style(document, name), size, before, after)
    styles["Heading 2"].font.italic = True
    _contents_styles(document)
    _set_language(document, tag)


def _paragraph_style(document: WordDocument, name: str) -> ParagraphStyle:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - the template of python-docx has these
    return style


def _set_heading(style: ParagraphStyle, size: float, before: int, after: int) -> None:
    _set_type(style, size)
    style.font.bold = False
    style.font.color.rgb = _INK
    style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.keep_with_next = True
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _set_type(style: ParagraphStyle, size: float) -> None:
    """One typeface for all scripts; the theme's own would win over it otherwise."""
    style.font.name, style.font.size = _TYPEFACE, Pt(size)
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:cs"), _TYPEFACE)


def _contents_styles(document: WordDocument) -> None:
    heading = _paragraph_style(document, "TOC Heading")
    heading.base_style = document.styles["Normal"]
    _set_type(heading, 12)
    heading.font.small_caps = True
    heading.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.paragraph_format.page_break_before = True
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(60), Pt(18)
    entry = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    entry.element.set(qn("w:styleId"), "TOC1")
    entry.base_style = document.styles["Normal"]
    entry.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    entry.paragraph_format.space_after = Pt(5)


def _set_language(document: WordDocument, tag: str) -> None:
    defaults = document.styles.element.find(f".//{qn('w:lang')}")
    if defaults is not None and tag != UNKNOWN:
        for name in ("w:val", "w:eastAsia", "w:bidi"):
            defaults.set(qn(name), tag)


def _turn_around(document: WordDocument) -> None:
    """Let every paragraph of a language that is written from right to left begin there."""
    normal = _paragraph_style(document, "Normal")
    properties = normal.element.get_or_add_pPr()
    properties.insert_element_before(OxmlElement("w:bidi"), "w:adjustRightInd", "w:spacing", "w:ind", "w:jc", "w:rPr")
    normal.font.rtl = True


# --- title page, contents, page numbers


def _contents(document: WordDocument, book: Book) -> None:
    """Contents as a field that Word keeps up to date, filled in already; its entries lead to the headings."""
    entries = [(f"chapter-{chapter.number}", chapter.title) for chapter in book.chapters if chapter.has_heading]
    if book.is_whole:
        entries = [(f"scene-{scene.number}", scene.title) for scene in book.chapters[0].scenes if scene.has_heading]
    if len(entries) < 2:
        return
    text = _Text(document)
    text.add("TOCHeading", [wording_of(book.language)["Contents"]])
    for n, (anchor, title) in enumerate(entries):
        entry = text.add("TOC1", [title])
        link = _inside(entry, "w:hyperlink", anchor=anchor)
        run = entry[1]
        if n == 0:
            for part in _field(r'TOC \o "1-1" \n \h \z'):
                run.addprevious(part)
        link.append(run)
        if n == len(entries) - 1:
            entry.append(_field_mark("end"))


def _field(instruction: str) -> list[Element]:
    """The beginning of a field, up to what it last came to."""
    said = OxmlElement("w:r")
    text = _inside(said, "w:instrText")
    text.text = f" {instruction} "
    text.set(qn("xml:space"), "preserve")
    return [_field_mark("begin"), said, _field_mark("separate")]


def _field_mark(kind: str) -> Element:
    run = OxmlElement("w:r")
    _inside(run, "w:fldChar", fldCharType=kind)
    return run


def _start_text(document: WordDocument) -> None:
    """Begin a section with numbered pages; what stands before it has none."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.footer.is_linked_to_previous = False
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in (*_field("PAGE"), footer.add_run("1")._r, _field_mark("end")):  # noqa: SLF001
        footer._p.append(part)  # noqa: SLF001
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    section._sectPr.insert_element_before(numbers, "w:cols", "w:docGrid")  # noqa: SLF001


def _say_what_it_is(document: WordDocument, book: Book, story: Story) -> None:
    about = document.core_properties
    about.title = book.title[:255]
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.language = language_tag(book.language)
    about.identifier = f"urn:uuid:{story.id}"
    about.created = about.modified = story.updated_at.replace(microsecond=0)
    about.revision = 1


def _packed(document: WordDocument) -> bytes:
    held = io.BytesIO()
    document.save(held)
    with zipfile.ZipFile(held) as archive:
        return packed((name, archive.read(name)) for name in archive.namelist())
