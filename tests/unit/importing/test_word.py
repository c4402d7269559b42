from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from chorus.importing import read_source
from tests.unit.importing.files import word, zipped
from tests.unit.importing.test_read_manuscript import told


def test_title_chapters_and_scenes_are_read_from_the_styles() -> None:
    def write(document: WordDocument) -> None:
        document.add_paragraph("The Lamp", style="Title")
        document.add_paragraph("A Novel", style="Subtitle")
        document.add_heading("Dusk", 1)
        document.add_heading("Oil", 2)
        document.add_paragraph("It burned low.")
        document.add_paragraph("“Who is there?”")
        document.add_heading("Wick", 2)
        document.add_paragraph("It went out.")
        document.add_heading("Dawn", 1)
        document.add_heading("Sun", 2)

    read = read_source(word(write), file_name="x.docx")
    assert read.title == "The Lamp"
    assert told(read) == [
        ("Dusk", [("Oil", "It burned low.\n\n“Who is there?”"), ("Wick", "It went out.")]),
        ("Dawn", [("Sun", "")]),
    ]


def test_without_a_title_style_headings_are_read_as_in_markdown() -> None:
    def write(document: WordDocument) -> None:
        document.add_heading("The Lamp", 1)
        document.add_heading("One", 2)
        document.add_paragraph("x")
        document.add_heading("Two", 2)
        document.add_paragraph("y")

    read = read_source(word(write))
    assert (read.title, told(read)) == ("The Lamp", [("The Lamp", [("One", "x"), ("Two", "y")])])


def test_without_headings_scene_breaks_divide() -> None:
    def write(document: WordDocument) -> None:
        for line in ("first", "***", "second", "#", "third"):
            document.add_paragraph(line)

    read = read_source(word(write), file_name="my_lamp.docx")
    assert read.title == "my lamp"
    assert [scene.text for scene in read.scenes] == ["first", "second", "third"]


def test_a_style_of_ones_own_counts_by_what_it_is_based_on() -> None:
    def write(document: WordDocument) -> None:
        style = document.styles.add_style("Kapitel", 1)
        style.base_style = document.styles["Heading 1"]
        for number in (1, 2):
            document.add_paragraph(f"K{number}", style="Kapitel")
            document.add_paragraph("x")

    assert [chapter.title for chapter in read_source(word(write)).chapters] == ["K1", "K2"]


def test_tables_links_breaks_and_insertions_are_text_and_notes_and_deletions_are_not() -> None:
    def write(document: WordDocument) -> None:
        document.add_heading("A", 1)
        paragraph = document.add_paragraph("one")
        paragraph.add_run().add_break()
        paragraph.add_run("two\tthree")
        for xml in (
            "<w:ins {ns}><w:r><w:t> added</w:t></w:r></w:ins>",
            "<w:del {ns}><w:r><w:delText> gone</w:delText></w:r></w:del>",
            "<w:hyperlink {ns}><w:r><w:t xml:space='preserve'> linked</w:t></w:r></w:hyperlink>",
            "<w:r {ns}><w:footnoteReference w:id='2'/></w:r>",
            "<w:r {ns}><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
            "<w:r {ns}><w:instrText>PAGE</w:instrText></w:r>",
        ):
            paragraph._p.append(parse_xml(xml.replace("{ns}", nsdecls("w"))))  # type: ignore[arg-type]
        table = document.add_table(1, 2)
        table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
        document.add_heading("B", 1)

    assert read_source(word(write)).scenes[0].text == "one\ntwo three added linked\n\nleft | right"


def test_a_table_of_contents_is_no_text() -> None:
    def write(document: WordDocument) -> None:
        control = (
            f"<w:sdt {nsdecls('w')}><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>"
            "</w:sdtPr><w:sdtContent><w:p><w:r><w:t>Contents ... 1</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
        document.element.body.insert(0, parse_xml(control))
        document.add_paragraph("The story.")

    assert [scene.text for scene in read_source(word(write)).scenes] == ["The story."]


def test_a_document_whose_text_lies_elsewhere_is_found_by_its_relationships() -> None:
    main = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>Strict.</w:t></w:r></w:p></w:body></w:document>"
    )
    relations = '<Relationships><Relationship Type="http://x/officeDocument" Target="/doc/main.xml"/></Relationships>'
    raw = zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": relations, "doc/main.xml": main})
    assert read_source(raw).scenes[0].text == "Strict."
