"""A story as a book: what is told, and which headings are shown. Every format that people read is set from it.

A scene that has no text yet is left out, and so is a chapter that has none but such scenes. One chapter that is called
as the story is no chapter to a reader. A scene's heading that only repeats its chapter's is left out where that can be
undone, so that importing an exported book gives the same chapters and scenes.
"""

import re

from chorus.domain.story import Manuscript, ManuscriptChapter, ManuscriptScene, SceneStatus
from chorus.domain.value import Value, storable
from chorus.domain.wording import Wording, in_all_languages, wording_of

_PARAGRAPH_BREAK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NOT_PRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_CHAPTER, _SCENE = ("|".join(in_all_languages(word)) for word in ("Chapter", "Scene"))
_SAYS_ITS_NUMBER = re.compile(
    rf"\d|^(?:{_CHAPTER}|part|book|prologue|epilogue|interlude)\b|^[ivxlc]+[.:]?$", re.IGNORECASE
)
_NO_TITLE = re.compile(rf"(?:(?:{_SCENE})\s+)?\d+", re.IGNORECASE)


class BookScene(Value):
    """A scene; ``has_heading`` says whether its title stands above its text."""

    number: int
    title: str
    has_heading: bool
    text: str

    @property
    def paragraphs(self) -> list[list[str]]:
        """The text as paragraphs of lines: most have one, verse has more."""
        blocks = (block.strip("\n") for block in _PARAGRAPH_BREAK.split(printable(self.text).strip()))
        return [[line.strip(" \t") for line in block.split("\n")] for block in blocks if block.strip()]

    @property
    def is_numbered(self) -> bool:
        """Whether its title is but a number: then an ornament says as much."""
        return bool(_NO_TITLE.fullmatch(self.title))


class BookChapter(Value):
    """A chapter; ``has_heading`` is false for one that is the whole book."""

    number: int
    title: str
    has_heading: bool
    scenes: tuple[BookScene, ...]

    @property
    def numeral(self) -> str:
        """The number to set above its title, unless the title says it."""
        return "" if _SAYS_ITS_NUMBER.search(self.title) else str(self.number)


class Book(Value):
    """A story as a reader meets it."""

    title: str
    language: str
    chapters: tuple[BookChapter, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there are no chapters to a reader."""
        return len(self.chapters) == 1 and not self.chapters[0].has_heading

    @property
    def texts(self) -> list[str]:
        """Everything that is printed."""
        scenes = [scene for chapter in self.chapters for scene in chapter.scenes]
        chapters = [chapter.title for chapter in self.chapters]
        return [self.title, *chapters, *(scene.title for scene in scenes), *(scene.text for scene in scenes)]


def book_of(manuscript: Manuscript) -> Book:
    """Make a book of what is written."""
    told = [_written(chapter) for chapter in manuscript.chapters if _is_told(chapter)]
    words = wording_of(manuscript.language)
    title = one_line(manuscript.title) or words["Untitled"]
    is_whole = len(told) == 1 and one_line(told[0].title) == title
    mark_all = all(_repeats(chapter, scene) for chapter in told for scene in chapter.scenes)
    chapters = tuple(_chapter(chapter, words, has_heading=not is_whole, mark_all=mark_all) for chapter in told)
    return Book(title=title, language=manuscript.language, chapters=chapters)


def unwritten(manuscript: Manuscript) -> int:
    """Count the scenes that a book leaves out because they have no text yet."""
    scenes = [scene for chapter in manuscript.chapters for scene in chapter.scenes]
    return len(scenes) - sum(_is_written(scene) for scene in scenes)


def one_line(text: str) -> str:
    """A title on one line."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Text without the control characters that neither XML nor paper knows, and with one kind of line end."""
    return _NOT_PRINTED.sub("", storable(text).replace("\r\n", "\n").replace("\r", "\n"))


def _chapter(chapter: ManuscriptChapter, words: Wording, *, has_heading: bool, mark_all: bool) -> BookChapter:
    return BookChapter(
        number=chapter.number,
        title=one_line(chapter.title) or f"{words['Chapter']} {chapter.number}",
        has_heading=has_heading,
        scenes=tuple(
            BookScene(
                number=scene.number,
                title=one_line(scene.title) or f"{words['Scene']} {scene.number}",
                has_heading=mark_all or not _repeats(chapter, scene),
                text=scene.text,
            )
            for scene in chapter.scenes
        ),
    )


def _written(chapter: ManuscriptChapter) -> ManuscriptChapter:
    return chapter.model_copy(update={"scenes": tuple(filter(_is_written, chapter.scenes))})


def _is_told(chapter: ManuscriptChapter) -> bool:
    """A chapter without any scene, planned or written, is a heading its author wrote too."""
    return not chapter.scenes or any(map(_is_written, chapter.scenes))


def _is_written(scene: ManuscriptScene) -> bool:
    """A scene that is approved without text is a heading its author wrote."""
    return bool(scene.text.strip()) or scene.status is SceneStatus.APPROVED


def _repeats(chapter: ManuscriptChapter, scene: ManuscriptScene) -> bool:
    """Whether a scene opens its chapter under the chapter's own title: then its text follows that title at once."""
    same = one_line(scene.title) == one_line(chapter.title) != ""
    return same and scene is chapter.scenes[0] and bool(scene.text.strip())
