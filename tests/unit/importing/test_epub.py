from chorus.importing import read_source
from tests.unit.importing.files import epub, page
from tests.unit.importing.test_read_manuscript import told


def test_chapters_and_scenes_come_in_the_order_of_the_spine() -> None:
    read = read_source(
        epub(
            {
                "b": page("<h1>Dusk</h1><h2>Oil</h2><p>It <i>burned</i>\n low.</p><p>“Who?”<br/>No one.</p>"),
                "a": page("<section><h1>Dawn</h1><h2>Sun</h2><p>Up.</p><hr/><p>Down.</p></section>"),
            }
        )
    )
    assert read.title == "The Lamp"
    assert told(read) == [
        ("Dusk", [("Oil", "It burned low.\n\n“Who?”\nNo one.")]),
        ("Dawn", [("Sun", "Up.\n\n* * *\n\nDown.")]),
    ]


def test_covers_contents_notes_and_what_is_not_linear_are_skipped() -> None:
    read = read_source(
        epub(
            {
                "cover": page('<section epub:type="cover"><p>COVER</p></section>'),
                "title": page("<h1>The Lamp</h1><p>by nobody</p>"),
                "one": page('<h1>One</h1><p>x<a epub:type="noteref">1</a></p><aside epub:type="footnote">note</aside>'),
                "aside1": page("<p>aside</p>"),
                "copyright": page('<div role="doc-colophon"><p>All rights</p></div>'),
                "two": page("<h1>Two</h1><p>y</p><nav><p>menu</p></nav><script>z</script>"),
            },
            nav='<li><a href="one.xhtml">One</a></li>',
        )
    )
    assert told(read) == [("The Lamp", [("One", "x"), ("Two", "y")])]


def test_a_document_without_a_heading_is_called_as_the_contents_call_it() -> None:
    pages = {"p": page("<p>early</p>"), "q": page("<p>still early</p>"), "r": page("<h1>One</h1><p>x</p>")}
    nav = '<li><a href="p.xhtml">Prologue</a></li><li><a href="r.xhtml#top">I</a></li>'
    point = '<navPoint><navLabel><text>Prologue</text></navLabel><content src="p.xhtml"/></navPoint>'
    for book in (epub(pages, nav=nav), epub(pages, ncx=point)):
        assert told(read_source(book)) == [("The Lamp", [("Prologue", "early\n\nstill early"), ("One", "x")])]


def test_named_characters_and_broken_markup_are_read() -> None:
    read = read_source(
        epub({"a": page("<h1>A</h1><p>caf&eacute;&nbsp;&mdash; &unknown; &amp; &lt;b&gt;</p>"), "b": "<p>un<b>closed"})
    )
    assert read.scenes[0].text == "café\u00a0— &unknown; & <b>\n\nunclosed"


def test_tables_lists_and_verse_are_text() -> None:
    body = "<h1>A</h1><table><tr><th>l</th><td><p>r</p></td></tr></table><ul><li>i</li><li>j</li></ul><pre>a\n  b</pre>"
    assert read_source(epub({"a": page(body)})).scenes[0].text == "l | r\n\ni\n\nj\n\na\nb"


def test_names_with_spaces_and_dots_lead_to_members_and_nowhere_else() -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata><title>T</title></metadata><manifest>'
        '<item id="a" href="../a%20b.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="../../../../etc/passwd" media-type="application/xhtml+xml"/>'
        '<item id="c" href="file:///etc/passwd" media-type="application/xhtml+xml"/>'
        '<item id="d" href="http://[" media-type="application/xhtml+xml"/></manifest><spine>'
        '<itemref idref="b"/><itemref idref="c"/><itemref idref="d"/><itemref idref="a"/></spine></package>'
    )
    read = read_source(epub({}, **{"OEBPS__book.opf": package, "a b.xhtml": page("<p>here</p>")}))
    assert [scene.text for scene in read.scenes] == ["here"]


def test_scrambled_fonts_are_no_protection() -> None:
    encryption = '<encryption><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></encryption>'
    book = epub({"a": page("<p>x</p>")}, **{"META-INF__encryption.xml": encryption})
    assert read_source(book).scenes[0].text == "x"
