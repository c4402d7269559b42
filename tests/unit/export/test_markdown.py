import json
from uuid import uuid4

import pytest

from chorus.domain.canon import Fact
from chorus.domain.story import Chapter, Character, Manuscript, Outline, Scene, SceneBrief, SceneStatus, Story
from chorus.errors import InvalidInput
from chorus.export import EXPORTERS, StoryBundle, book_of, file_stem, find_exporter, to_json, to_markdown, unwritten
from tests.unit.export.test_round_trip import manuscript


def test_a_book_has_its_title_its_chapters_and_its_scenes() -> None:
    book = manuscript(
        ("The Lamp", [("Dusk", [("Oil", "It burned."), ("Wick", "It went out.")]), ("Dawn", [("Sun", "Up.")])])
    )
    assert to_markdown(book_of(book)) == (
        "# The Lamp\n\n## Dusk\n\n### Oil\n\nIt burned.\n\n### Wick\n\nIt went out.\n\n## Dawn\n\n### Sun\n\nUp.\n"
    )


def test_one_chapter_called_as_the_story_is_not_told() -> None:
    assert (
        to_markdown(book_of(manuscript(("T", [("T", [("1", "x"), ("2", "y")])])))) == "# T\n\n## 1\n\nx\n\n## 2\n\ny\n"
    )


def test_a_heading_that_repeats_its_chapters_is_left_out() -> None:
    book = manuscript(("T", [("One", [("One", "An epigraph."), ("a", "x")])]))
    assert to_markdown(book_of(book)) == "# T\n\n## One\n\nAn epigraph.\n\n### a\n\nx\n"


def test_scenes_without_text_are_left_out_and_counted() -> None:
    book = manuscript(("T", [("One", [("a", "x"), ("b", "")]), ("Two", [("c", "")])]))
    planned = _with_status(book, SceneStatus.QUEUED)
    assert to_markdown(book_of(planned)) == "# T\n\n## One\n\n### a\n\nx\n"
    assert unwritten(planned) == 2
    assert "### b" in to_markdown(book_of(book))
    assert unwritten(book) == 0


def test_untitled_parts_get_a_plain_name() -> None:
    book = manuscript(("", [("", [("", "x"), ("", "y")]), ("", [(" ", "z")])]))
    assert to_markdown(book_of(book)).split("\n")[::2][:4] == ["# Untitled", "## Chapter 1", "### Scene 1", "x"]


def test_no_id_and_no_premise_is_in_a_book() -> None:
    book = manuscript(("T", [("One", [("a", "x")])])).model_copy(update={"premise": "SECRET"})
    text = to_markdown(book_of(book))
    assert "SECRET" not in text
    assert str(book.story_id) not in text


def test_json_tells_everything_in_one_document() -> None:
    bundle = _bundle()
    told = json.loads(to_json(bundle))
    assert set(told) == {
        "story",
        "chapters",
        "scenes",
        "characters",
        "relationships",
        "world",
        "facts",
        "threads",
        "report",
    }
    assert told["story"]["title"] == "T"
    assert told["scenes"][0]["text"] == "An “é”."
    assert told["scenes"][0]["title"] == "a"
    assert [c["name"] for c in told["characters"]] == ["Mara"]
    assert told["facts"][0]["statement"] == "Mara is tall."
    assert "é" in to_json(bundle)


def test_the_formats_are_found_by_name() -> None:
    assert list(EXPORTERS) == ["md", "html", "epub", "docx", "pdf", "json"]
    assert find_exporter("md").render(_bundle()).startswith(b"# T\n")
    assert json.loads(find_exporter("JSON").render(_bundle()))
    with pytest.raises(InvalidInput, match="choose md, html, epub, docx, pdf or json"):
        find_exporter("odt")


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("The Lamplighter’s Daughter", "the-lamplighters-daughter"),
        ("../../etc/passwd", "etc-passwd"),
        ('a\\b:c*?"<>|d\x00', "a-b-c-d"),
        ("", "story"),
        ("🔥🔥", "story"),
        ("...", "story"),
        ("\u202egnp.exe", "gnp-exe"),
        ("שלום עולם", "שלום-עולם"),
        ("灯台 の 灯", "灯台-の-灯"),
        ("CON", "con-story"),
        ("lpt1", "lpt1-story"),
        ("-rf", "rf"),
        ("Ünïcode & Co.", "ünïcode-co"),
    ],
)
def test_any_title_makes_a_file_name(title: str, stem: str) -> None:
    assert file_stem(title) == stem


@pytest.mark.parametrize("title", ["x" * 300, "灯" * 300, "a " * 300])
def test_a_file_name_is_never_too_long(title: str) -> None:
    assert 0 < len(file_stem(title).encode()) <= 100


def _with_status(book: Manuscript, status: SceneStatus) -> Manuscript:
    chapters = tuple(
        chapter.model_copy(
            update={"scenes": tuple(s if s.text else s.model_copy(update={"status": status}) for s in chapter.scenes)}
        )
        for chapter in book.chapters
    )
    return book.model_copy(update={"chapters": chapters})


def _bundle() -> StoryBundle:
    story = Story(title="T", premise="p")
    chapter = Chapter(story_id=story.id, number=1, title="One")
    scene = Scene(story_id=story.id, chapter_id=chapter.id, number=1, title="a", brief=SceneBrief(purpose="x"))
    return StoryBundle(
        story=story,
        manuscript=manuscript(("T", [("One", [("a", "An “é”.")])])),
        outline=Outline(chapters=(chapter,), scenes=(scene,)),
        characters=(Character(story_id=story.id, number=1, name="Mara"),),
        facts=(Fact(id=uuid4(), story_id=story.id, subject="Mara", statement="Mara is tall."),),
    )
