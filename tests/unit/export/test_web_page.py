import re

import pytest
from lxml import etree, html

from chorus.domain.language import language_tag
from tests.unit.export.books import LAMP, SHORT, exported, hostile_books, words
from tests.unit.export.test_round_trip import Book


def page(book: Book, language: str = "English") -> html.HtmlElement:
    return html.document_fromstring(exported(book, "html", language).decode())


def test_a_page_has_a_title_page_contents_chapters_and_scenes() -> None:
    told = page(LAMP)
    assert told.findtext(".//title") == told.findtext(".//h1") == "The Lamplighter’s Daughter"
    assert [heading.text_content() for heading in told.iter("h2")] == ["Contents", "The Harbour", "Chapter 2"]
    assert [heading.text_content() for heading in told.iter("h3")] == ["Green Glass", "Scene 3", "Scene 4"]
    targets = [link.get("href") for link in told.xpath("//nav//a")]
    assert targets == ["#chapter-1", "#chapter-2"]
    assert all(told.get_element_by_id(target[1:]) is not None for target in targets)


def test_without_chapters_the_contents_lead_to_scenes() -> None:
    assert [link.get("href") for link in page(SHORT).xpath("//nav//a")] == ["#scene-1", "#scene-2"]


def test_a_numeral_stands_above_a_title_that_has_none() -> None:
    assert [heading.get("data-numeral") for heading in page(LAMP).find_class("chapter-title")] == ["1", None]


@pytest.mark.parametrize(
    ("language", "tag", "direction"),
    [("English", "en", "ltr"), ("hebrew", "he", "rtl"), ("pt-BR", "pt-br", "ltr"), ("Elvish", "und", "ltr")],
)
def test_a_page_says_its_language(language: str, tag: str, direction: str) -> None:
    told = page(LAMP, language)
    assert (told.get("lang"), told.get("dir")) == (tag, direction)
    assert language_tag('"><script>') == "und"


def test_a_page_needs_nothing_from_elsewhere() -> None:
    text = exported(LAMP, "html").decode()
    assert not re.search(r"https?:|url\(|@import|src=", text)


def test_hostile_text_is_text_and_nothing_else() -> None:
    for book in hostile_books():
        told = page(book)
        ours = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "nav", "ol", "li", "a"}
        assert {str(element.tag) for element in told.iter(etree.Element)} <= ours | {
            "main",
            "section",
            "p",
            "span",
            "br",
        }
        names = {str(name) for element in told.iter(etree.Element) for name in element.attrib}
        assert not any(name.startswith("on") for name in names)
        assert {link.get("href", "")[:1] for link in told.iter("a")} == {"#"}
        scenes = told.find_class("scene")
        texts = [text for _, given in book[1] for _, text in given]
        assert len(scenes) == len(texts)
        for scene, text in zip(scenes, texts, strict=True):
            assert words(" ".join(" ".join(p.itertext()) for p in scene.iter("p"))) == words(text)
