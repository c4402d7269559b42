"""The manuscript set as a book, and quietly kept up to date while it is still being written.

Every scene is an element of its own, so that a new one appears below without moving what is being read.
"""

from uuid import UUID

import streamlit as st

from chorus.domain.story import Manuscript, ManuscriptChapter, ManuscriptScene, SceneStatus
from chorus.ui import reads
from chorus.ui.markup import draw, paragraphs, safe
from chorus.ui.origin import paragraphs_of
from chorus.ui.pace import pace_of
from chorus.ui.places import href
from chorus.ui.scene_desk import CHANGING
from chorus.ui.states import empty, explained
from chorus.ui.visitor import may_edit
from chorus.ui.ways import story_ways
from chorus.ui.words import SCENE_STATUS, count, minutes, number, titled

WAYS = {"cause": "why it reads so", "versions": "versions", "edit": "edit", "again": "write again"}
_JUMP = """<script>
const scene = document.getElementById("scene-%d");
const place = %d;
const found = (scene && place >= 0 && scene.querySelectorAll(":scope > p")[place]) || scene;
if (found) { found.scrollIntoView({block: place > 0 ? "center" : "start"}); found.classList.add("bk-target"); }
</script>"""


def show(manuscript: Manuscript, scene: int | None = None, at: int | None = None) -> None:
    """Set a manuscript, open at a scene if one is named; ``at``: at the paragraph of this character of its text."""
    pace = pace_of(reads.progress(manuscript.story_id).run)
    st.fragment(_live, run_every=pace)(manuscript.story_id, pace)
    if scene is not None:
        st.html(_JUMP % (scene, _paragraph(manuscript, scene, at)), unsafe_allow_javascript=True)


def _paragraph(manuscript: Manuscript, number: int, at: int | None) -> int:
    """Which paragraph of a scene a character stands in, from 0; -1 if none is meant."""
    texts = (scene.text for chapter in manuscript.chapters for scene in chapter.scenes if scene.number == number)
    before = next(texts, "")[:at] if at is not None else ""
    return len(paragraphs_of(before + "x")) - 1 if at is not None else -1


def _live(story_id: UUID, pace: float | None) -> None:
    with explained():
        manuscript = reads.manuscript(story_id)
        if pace_of(reads.progress(story_id).run) != pace:
            st.rerun()
        _title_page(manuscript)
        if not manuscript.chapters:
            empty("✎", "No page is written yet", "As soon as the outline stands, its chapters appear here.")
        for chapter in manuscript.chapters:
            _chapter(chapter, manuscript.story_id)
        if manuscript.words and pace is None:
            draw(_end(manuscript))


def _end(manuscript: Manuscript) -> str:
    """What stands below the last page; the end, if it is one."""
    scenes = [scene for chapter in manuscript.chapters for scene in chapter.scenes]
    written = sum(bool(scene.text.strip()) for scene in scenes)
    if written == len(scenes):
        return '<p class="bk-end" role="img" aria-label="The end">❦</p>'
    so_far = f"So far, {number(written)} of {count(len(scenes), 'scene')} are written."
    return f'<p class="bk-sofar" role="status">{so_far}</p>'


def _title_page(manuscript: Manuscript) -> None:
    story_ways(manuscript.story_id, "read")
    words = manuscript.words
    length = f"{count(words, 'word')} · {minutes(words)} to read" if words else "Nothing to read yet"
    draw(
        f'<header class="bk-title"><h1 dir="auto">{safe(titled(manuscript.title))}</h1>'
        f'<p class="bk-premise" dir="auto">{safe(manuscript.premise)}</p>'
        f'<p class="bk-length">{safe(length)}</p></header>'
    )
    if manuscript.chapters:
        draw(_contents(manuscript))


def _contents(manuscript: Manuscript) -> str:
    chapters = "".join(
        f'<li><a href="#chapter-{chapter.number}"><span dir="auto">{safe(chapter.title)}</span></a>'
        f"<span>{minutes(words) if (words := sum(scene.words for scene in chapter.scenes)) else 'to come'}</span></li>"
        for chapter in manuscript.chapters
    )
    return f'<nav class="bk-contents" aria-label="Contents"><h2>Contents</h2><ol>{chapters}</ol></nav>'


def _chapter(chapter: ManuscriptChapter, story_id: UUID) -> None:
    draw(
        f'<header class="bk-chapter" id="chapter-{chapter.number}"><p>Chapter {chapter.number}</p>'
        f'<h2 dir="auto">{safe(chapter.title)}</h2></header>'
    )
    for place, scene in enumerate(chapter.scenes):
        draw(_scene(scene, story_id, opens_chapter=place == 0))


def _scene(scene: ManuscriptScene, story_id: UUID, *, opens_chapter: bool) -> str:
    ornament = "" if opens_chapter else '<p class="bk-break" aria-hidden="true">⁂</p>'
    opening = " bk-opening" if opens_chapter else ""
    text = _prose(scene, story_id) if scene.text.strip() else _to_come(scene)
    return (
        f'{ornament}<section class="bk-scene{opening}" id="scene-{scene.number}" '
        f'aria-label="Scene {scene.number}">{text}{_ways(scene, story_id) if scene.text.strip() else ""}</section>'
    )


def _prose(scene: ManuscriptScene, story_id: UUID) -> str:
    """The paragraphs; for who may have them written again, each with a mark that leads to a note on it.

    The marks are for pointer and finger alone. By keyboard and ear, “write again” below leads to the same choice.
    """
    if not may_edit():
        return paragraphs(scene.text)

    def mark(number: int) -> str:
        again = safe(href("read", story_id=story_id, scene=scene.number, desk="again", about=number))
        return f'<a class="bk-note" href="{again}" title="Note on this paragraph" tabindex="-1" aria-hidden="true"></a>'

    return paragraphs(scene.text, mark=mark)


def _ways(scene: ManuscriptScene, story_id: UUID) -> str:
    """Quiet links to what can be known of a scene, and done with it."""
    links = " · ".join(
        f'<a href="{safe(href("read", story_id=story_id, scene=scene.number, desk=view))}">{title}</a>'
        for view, title in WAYS.items()
        if may_edit() or view not in CHANGING
    )
    return f'<div class="bk-ways">Scene {scene.number}: {links}</div>'


def _to_come(scene: ManuscriptScene) -> str:
    icon, word, css = SCENE_STATUS[scene.status]
    if scene.status is SceneStatus.APPROVED:
        word = "Written, without text"
    return (
        f'<p class="bk-tocome ch-{css}"><span aria-hidden="true">{icon}</span> '
        f'Scene {scene.number}, <span dir="auto">{safe(scene.title or "untitled")}</span>: {word.lower()}</p>'
    )
