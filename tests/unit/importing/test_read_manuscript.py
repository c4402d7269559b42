import time

import pytest

from chorus.errors import InvalidInput
from chorus.importing import ParsedManuscript, read_manuscript

PROSE = "The lamp burned low.\n\n“Who is there?” she asked."


def told(manuscript: ParsedManuscript) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(chapter.title, [(s.title, s.text) for s in chapter.scenes]) for chapter in manuscript.chapters]


def test_a_title_and_scenes_are_one_story_in_one_chapter() -> None:
    read = read_manuscript("# The Lamp\n\n## 1\n\nfirst\n\n## 2\n\nsecond\n")
    assert read.title == "The Lamp"
    assert told(read) == [("The Lamp", [("1", "first"), ("2", "second")])]


def test_headings_above_the_lowest_are_chapters() -> None:
    read = read_manuscript("# T\n## One\n### a\nx\n### b\ny\n## Two\n### c\nz")
    assert told(read) == [("One", [("a", "x"), ("b", "y")]), ("Two", [("c", "z")])]


def test_several_first_level_headings_are_chapters() -> None:
    text = "# Dawn\n## a\nx\n# Dusk\n## b\ny"
    assert told(read_manuscript(text)) == [("Dawn", [("a", "x")]), ("Dusk", [("b", "y")])]
    assert read_manuscript(text).title == "Untitled"
    assert read_manuscript(text, file_name="/books/the_long_day.md").title == "the long day"
    assert read_manuscript(text, title="Given", file_name="x.md").title == "Given"


def test_several_first_level_headings_alone_are_chapters_of_one_scene() -> None:
    assert told(read_manuscript("# A\nx\n# B\ny", title="T")) == [("A", [("A", "x")]), ("B", [("B", "y")])]


def test_text_before_the_first_scene_is_a_scene_with_its_chapters_title() -> None:
    read = read_manuscript("# T\nby nobody\n## One\nan epigraph\n### a\nx")
    assert told(read) == [("T", [("T", "by nobody")]), ("One", [("One", "an epigraph"), ("a", "x")])]


def test_a_chapter_with_text_only_is_a_scene_of_its_own() -> None:
    assert told(read_manuscript("# T\n## Prologue\nearly\n## One\n### a\nx")) == [
        ("Prologue", [("Prologue", "early")]),
        ("One", [("a", "x")]),
    ]


def test_parts_give_their_title_to_their_chapters() -> None:
    read = read_manuscript(
        "# T\n## Part One\n### Ch 1\n#### a\nx\n### Ch 2\n#### b\ny\n## Part Two\n### Ch 3\n#### c\nz"
    )
    assert [title for title, _ in told(read)] == ["Part One: Ch 1", "Part One: Ch 2", "Part Two: Ch 3"]


def test_every_lowest_heading_is_one_scene_even_without_text() -> None:
    read = read_manuscript("# T\n## 1\n## 2\nx\n## 3\n")
    assert [(s.title, s.text) for s in read.scenes] == [("1", ""), ("2", "x"), ("3", "")]
    assert read.words == 1


def test_scene_breaks_below_a_scene_heading_divide_nothing() -> None:
    assert told(read_manuscript("# T\n## 1\nx\n\n* * *\n\ny\n\n---\n\nz"))[0][1] == [
        ("1", "x\n\n* * *\n\ny\n\n---\n\nz")
    ]


def test_setext_headings_count() -> None:
    assert told(read_manuscript("Title\n=====\n\nOne\n---\nx\n\nTwo\n---\ny")) == [
        ("Title", [("One", "x"), ("Two", "y")])
    ]


def test_a_sentence_with_a_rule_below_is_no_heading() -> None:
    assert told(read_manuscript("She left.\n---\nHe stayed."))[0][1] == [
        ("Scene 1", "She left."),
        ("Scene 2", "He stayed."),
    ]


@pytest.mark.parametrize(
    "line",
    ["#hashtag", "    # indented", "```\n# fenced\n```", "> # quoted", "- # listed", "\\# shielded", "#", "####### 7"],
)
def test_what_is_no_heading_divides_nothing(line: str) -> None:
    read = read_manuscript(f"# T\n\n## 1\n\nbefore\n\n{line}\n\nafter")
    assert len(read.scenes) == 1
    assert read.scenes[0].text == f"before\n\n{line.removeprefix('\\')}\n\nafter"


def test_headings_are_read_as_a_reader_sees_them() -> None:
    assert read_manuscript("# *The* Lamp \\* &amp; [co](u) ##\n## 1 \nx").title == "The Lamp * & co"


def test_the_texts_are_verbatim() -> None:
    text = "  *a*  b\n\n\n> c\t\n<div>\n1. d &amp; \\* e"
    assert read_manuscript(f"# T\n## 1\n\n{text}\n\n\n## 2\ny").scenes[0].text == text.strip()


def test_other_systems_line_ends_marks_and_control_characters_are_understood() -> None:
    read = read_manuscript("\ufeff# T\r\n\r\n## 1\r\n\r\na\x00b\rc\r\n\f## 2\r\nd\ud800")
    assert told(read) == [("T", [("1", "ab\nc"), ("2", "d")])]


def test_unicode_line_separators_are_part_of_the_text() -> None:
    assert read_manuscript("# T\n## 1\na\u2028b\x85c\x0bd\n## 2\ne").scenes[0].text == "a\u2028b\x85c\x0bd"


def test_plain_text_is_one_scene() -> None:
    assert told(read_manuscript(PROSE, file_name="lamp.txt")) == [("lamp", [("lamp", PROSE)])]


@pytest.mark.parametrize("mark", ["***", "* * *", "---", "#", "⁂", "  * * *  "])
def test_plain_text_is_divided_at_scene_breaks(mark: str) -> None:
    read = read_manuscript(f"first\n\n{mark}\n\nsecond\n\n{mark}\n", title="T")
    assert told(read) == [("T", [("Scene 1", "first"), ("Scene 2", "second")])]


def test_a_title_alone_leaves_the_rest_plain_text() -> None:
    assert told(read_manuscript("# T\n\nx\n\n***\n\ny")) == [("T", [("Scene 1", "x"), ("Scene 2", "y")])]


@pytest.mark.parametrize(
    "line", ["CHAPTER ONE", "Chapter 1", "CHAPTER XIV.", "Chapter Twenty-two: The End", "Prologue"]
)
def test_plain_text_is_divided_at_chapter_lines(line: str) -> None:
    read = read_manuscript(f"before\n\n{line}\n\nx\n\n***\n\ny\n\nEpilogue\n\nz", title="T")
    assert told(read) == [
        ("T", [("T", "before")]),
        (line, [("Scene 2", "x"), ("Scene 3", "y")]),
        ("Epilogue", [("Epilogue", "z")]),
    ]


@pytest.mark.parametrize("line", ["Chapter one was hard.", "Chapter 1 is over, he said, and wept.", "Chapters"])
def test_prose_that_names_a_chapter_divides_nothing(line: str) -> None:
    assert len(read_manuscript(f"x\n\n{line}\n\ny").scenes) == 1


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff", "\x00"])
def test_an_empty_manuscript_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(InvalidInput, match="give a Markdown or text file"):
        read_manuscript(text)


def test_a_title_without_a_story_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidInput, match="put the story below"):
        read_manuscript("# T\n\n")


@pytest.mark.parametrize(
    "text",
    [">" * 50_000, "# " + "[" * 5_000 + "\nx", "# " + "*a " * 5_000 + "\nx", "x\n" + "* " * 30_000, "`" * 50_000],
)
def test_hostile_markup_is_read_in_good_time(text: str) -> None:
    start = time.monotonic()
    assert read_manuscript(text).scenes
    assert time.monotonic() - start < 5
