"""The scene board: chapters in columns, each scene with its state as colour, icon and word."""

from collections.abc import Sequence

from chorus.domain.run import RunStatus
from chorus.domain.story import Chapter, Scene, SceneStatus
from chorus.ui.markup import safe
from chorus.ui.places import href
from chorus.ui.reads import Progress
from chorus.ui.words import BEGUN, SCENE_STATUS, count, minutes


def scene_board(progress: Progress) -> str:
    """Draw all scenes of a story."""
    if not progress.scenes:
        text = "The board fills up as soon as the outline is there." if progress.run else "This story has no scenes."
        return f'<section class="ch-board-empty"><h2>Scenes</h2><p>{text}</p></section>'
    live = progress.run is not None and progress.run.status is RunStatus.RUNNING
    chapters = "".join(
        _chapter(chapter, live, [scene for scene in progress.scenes if scene.chapter_id == chapter.id])
        for chapter in progress.chapters
    )
    heading = '<h2 class="ch-heading">Scenes</h2>'
    return f'<section aria-label="Scene board">{heading}<div class="ch-board">{chapters}</div></section>'


def _chapter(chapter: Chapter, live: bool, scenes: Sequence[Scene]) -> str:
    done = sum(scene.status is SceneStatus.APPROVED for scene in scenes)
    return (
        f'<section class="ch-column"><h3><span>Chapter {chapter.number}</span>'
        f'<span dir="auto">{safe(chapter.title)}</span></h3>'
        f'<p class="ch-facts">{done} of {count(len(scenes), "scene")}</p>'
        f"<ol>{''.join(_scene(scene, live) for scene in scenes)}</ol></section>"
    )


def _scene(scene: Scene, live: bool) -> str:
    begun = not live and not scene.awaits_approval and scene.status in (SceneStatus.DRAFTING, SceneStatus.IN_REVIEW)
    icon, word, css = BEGUN if begun else SCENE_STATUS[scene.status]
    title = safe(scene.title or "Untitled")
    written = scene.status is SceneStatus.APPROVED or scene.awaits_approval
    if written:
        title = f'<a href="{safe(href("read", story_id=scene.story_id, scene=scene.number))}">{title}</a>'
    length = f" · {count(scene.words, 'word')} · {minutes(scene.words)}" if written else ""
    return (
        f'<li class="ch-scene ch-scene-{css}"><span class="ch-scene-number">{scene.number}</span>'
        f'<div><h4 dir="auto">{title}</h4><p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> '
        f"{word}{length}</p></div></li>"
    )
