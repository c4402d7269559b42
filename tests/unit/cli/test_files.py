import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chorus.cli.files import export_to_folder, write_atomically
from chorus.errors import InvalidInput
from chorus.export import StoryBundle, find_exporter
from chorus.importing import read_manuscript
from tests.unit.cli.conftest import Said
from tests.unit.cli.fakes import STORY, FakeStudio, manuscript

Chorus = Callable[..., Said]


def test_import_tells_what_became_of_a_manuscript(chorus: Chorus, studio: FakeStudio, tmp_path: Path) -> None:
    file = tmp_path / "lamp.md"
    file.write_text("# The Lamp\n\n## 1\n\nIt burned.", encoding="utf-8")
    said = chorus("import", str(file), "--json")
    assert (said.json["story_id"], said.json["scenes"], said.json["words"]) == (str(STORY), 2, 9)
    assert [(what, read.title, read.scenes[0].text, language) for what, read, language in studio.asked] == [
        ("import", "The Lamp", "It burned.", None)
    ]
    assert str(STORY) in chorus("import", str(file), "--title", "T", "--language", "German").out
    assert studio.asked[-1][1:] == (read_manuscript(file.read_text(encoding="utf-8"), "T"), "German")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\ufeffné".encode(), "né"),
        ("né".encode("utf-16"), "né"),
        ("né “x”".encode("cp1252"), "né “x”"),
    ],
)
def test_text_of_other_systems_is_read(
    chorus: Chorus, studio: FakeStudio, tmp_path: Path, raw: bytes, text: str
) -> None:
    (tmp_path / "a.txt").write_bytes(raw)
    assert chorus("import", str(tmp_path / "a.txt")).code == 0
    assert studio.asked[0][1].scenes[0].text == text


@pytest.mark.parametrize(
    ("name", "raw", "line"),
    [
        ("none.md", None, "There is no file"),
        ("a.docx", b"PK", "is broken"),
        ("a.epub", b"", "is empty"),
        ("a.md", b"\x89PNG\x00\x00", "is a picture"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    chorus: Chorus, studio: FakeStudio, tmp_path: Path, name: str, raw: bytes | None, line: str
) -> None:
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    said = chorus("import", str(tmp_path / name), "--json")
    assert said.code == 2
    assert line in said.json["error"]
    assert chorus("import", str(tmp_path)).code == 2


def test_a_story_is_exported_to_stdout(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add()
    said = chorus("export", str(STORY))
    assert said.out == "# The Lamp\n\n## Dusk\n\n### Oil\n\nIt burned low.\n"
    assert said.err == "1 of 2 scenes without text yet: a book leaves that out.\n"
    assert chorus("export", str(STORY), "-o", "-").out == said.out
    assert json.loads(chorus("export", str(STORY), "--format", "json").out)["story"]["title"] == "The Lamp"


def test_a_story_is_exported_to_a_file_or_into_a_folder(chorus: Chorus, studio: FakeStudio, tmp_path: Path) -> None:
    studio.add()
    said = chorus("export", str(STORY), "-o", str(tmp_path / "book.md"))
    assert (said.code, said.out) == (0, "")
    assert str(tmp_path / "book.md") in said.err
    assert chorus("export", str(STORY), "--format", "json", "-o", str(tmp_path)).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.md", "the-lamp.json"]


def test_an_export_that_cannot_be_written_is_refused(chorus: Chorus, studio: FakeStudio, tmp_path: Path) -> None:
    studio.add()
    said = chorus("export", str(STORY), "-o", str(tmp_path / "nowhere" / "book.md"))
    assert said.code == 2
    assert "cannot be written" in said.err
    assert chorus("export", str(STORY), "--format", "odt").code == 2


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "book.md"
    target.write_text("old")
    write_atomically(target, b"new")
    assert target.read_text() == "new"
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInput):
        write_atomically(tmp_path / "folder", b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"book.md", "folder"}


def test_an_export_into_a_folder_takes_no_name_twice(studio: FakeStudio, tmp_path: Path) -> None:
    studio.add()
    story = studio.stories[STORY]
    from chorus.domain.story import Outline

    bundle = StoryBundle(story=story, manuscript=manuscript(story), outline=Outline(chapters=(), scenes=()))
    names = [export_to_folder(bundle, find_exporter("md"), tmp_path / "exports").name for _ in range(3)]
    assert names == ["the-lamp.md", "the-lamp-2.md", "the-lamp-3.md"]
