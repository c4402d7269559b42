"""``edit``, ``redo``, ``restore``, ``diff``, ``fork``, ``lock`` and ``history``: what was written is changed."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, say, shown, tell
from chorus.cli.watch import Onlooker, onlooker
from chorus.cli.writing import foretell, report
from chorus.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from chorus.domain.diff import Piece
    from chorus.domain.edit import EditEffects
    from chorus.domain.run import Run, RunSummary
    from chorus.domain.story import Revision, Scene, Story
    from chorus.studio import Studio

UNANSWERED = 3


def edit(typed: str, scene: int, file: Path, note: str, *, yes: bool, as_json: bool) -> int:
    """Give a scene the text of a file; what it touches is shown first, and done with ``yes`` or on a person's word."""
    text = read_text(file)
    effects = run(_edit(typed, scene, text, note, yes=yes))
    if as_json:
        print_json(document_of(effects))
    elif yes:
        tell(f"Scene {scene} has its new text." if effects.revision else "The text is the same: nothing was done.")
    return 0 if yes else UNANSWERED


async def _edit(typed: str, scene: int, text: str, note: str, *, yes: bool) -> "EditEffects":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        foreseen = await studio.preview_edit(story_id, scene, text)
        tell_effects(foreseen)
        if not yes:
            say("Nothing is changed yet: say --yes to do it.", style="yellow")
            return foreseen
        return await studio.edit_scene(story_id, scene, text, note=note, base=foreseen.base_revision_id)


def read_text(file: Path) -> str:
    """Read a text that a person has written; - is standard input."""
    if str(file) == "-":
        return sys.stdin.read()
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not in UTF-8: save it so.") from error


def restore(typed: str, scene: int, revision: int, *, as_json: bool) -> int:
    """Bring an earlier text of a scene back."""
    effects = run(_restore(typed, scene, revision))
    if as_json:
        print_json(document_of(effects))
    else:
        done = f"Scene {scene} is again as revision {revision} was."
        tell(done if effects.revision else "That is its text already: nothing was done.")
    return 0


async def _restore(typed: str, scene: int, revision: int) -> "EditEffects":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        effects = await studio.restore(story_id, scene, revision)
        tell_effects(effects)
        return effects


def redo(typed: str, scenes: list[int], note: str, *, detach: bool, as_json: bool) -> int:
    """Write chosen scenes again, here or in the background."""
    return report(run(_redo(typed, scenes, note, detach=detach)), as_json=as_json)


async def _redo(typed: str, scenes: list[int], note: str, *, detach: bool) -> "RunSummary":
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            story_id = await find_story(studio, typed)
            begun = await studio.redo_scenes(story_id, scenes, note, dispatch=detach)
            return await work_on_begun(studio, begun, looking_on, detach=detach)


async def work_on_begun(studio: "Studio", begun: "Run", looking_on: Onlooker, *, detach: bool) -> "RunSummary":
    """Work on a run of a story that is there already, or leave it to the workers if it was handed to them."""
    if detach:
        say("It waits for a worker: `chorus runs` tells how far it is.", style="dim")
        return await studio.summarise(begun.id)
    say(f"Run {begun.id}, story {begun.story_id}", style="dim")
    foretell(begun)
    return await studio.work_on(begun.id, looking_on)


def fork(typed: str, after: int, title: str, chosen: dict[str, Any], *, as_json: bool) -> int:
    """Copy a story as it stands at the end of a scene."""
    story, run_id = run(_fork(typed, after, title, chosen))
    if as_json:
        print_json({"story_id": str(story.id), "title": story.title, "run_id": run_id and str(run_id)})
        return 0
    tell(
        f"Story {story.id} shares the first {counted(after, 'scene')}." if after else f"Story {story.id} has the plan."
    )
    tell(f"Go on with: chorus resume {run_id}" if run_id else "Everything that is planned is written.")
    return 0


async def _fork(typed: str, after: int, title: str, chosen: dict[str, Any]) -> "tuple[Story, UUID | None]":
    async with opened() as studio:
        made = await studio.fork(await find_story(studio, typed), after, title=title, chosen=chosen)
        return made.story, made.run.id if made.run else None


def lock(typed: str, scene: int, *, locked: bool, as_json: bool) -> int:
    """Keep a scene from every change, or allow changes again."""
    changed = run(_lock(typed, scene, locked=locked))
    if as_json:
        print_json({"story_id": str(changed.story_id), "scene": changed.number, "locked": changed.locked})
    else:
        tell(f"Scene {scene} is {'locked' if changed.locked else 'open to changes'}.")
    return 0


async def _lock(typed: str, scene: int, *, locked: bool) -> "Scene":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        return await (studio.lock(story_id, scene) if locked else studio.unlock(story_id, scene))


def diff(typed: str, scene: int, before: int, after: int | None, *, as_json: bool) -> int:
    """Show what differs between two texts of a scene, word by word."""
    pieces = run(_diff(typed, scene, before, after))
    if as_json:
        print_json([piece.model_dump(mode="json") for piece in pieces])
    else:
        tell("".join(_marked(piece) for piece in pieces))
    return 0


async def _diff(typed: str, scene: int, before: int, after: int | None) -> "tuple[Piece, ...]":
    async with opened() as studio:
        return await studio.diff(await find_story(studio, typed), scene, before, after)


def history(typed: str, scene: int | None, *, as_json: bool) -> int:
    """List the texts of a scene, or of all scenes."""
    rows = run(_history(typed, scene))
    if as_json:
        print_json([{"scene": number, **_row_of(revision, current=current)} for number, revision, current in rows])
        return 0
    for number, revision, current in rows:
        mark = "*" if current else " "
        said = f"  {shown(revision.note)}" if revision.note else ""
        when = f"{revision.created_at:%Y-%m-%d %H:%M}"
        tell(f"{mark} {number:>3}.{revision.number}  {revision.cause.value:<8} {revision.words:>6} words  {when}{said}")
    return 0


async def _history(typed: str, scene: int | None) -> "list[tuple[int, Revision, bool]]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        async with studio.store.reading() as tx:
            scenes = (await tx.stories.load_outline(story_id)).scenes
        if scene and scene not in {each.number for each in scenes}:
            raise InvalidInput(f"The story has {counted(len(scenes), 'scene')}: choose one of them.")
        return [
            (each.number, revision, revision.id == each.revision_id)
            for each in scenes
            if scene in (None, each.number)
            for revision in await studio.list_revisions(story_id, each.number)
        ]


def tell_effects(effects: "EditEffects") -> None:
    """Say on stderr what an edit touches."""
    if effects.style_only:
        say("No fact, no name and no number changes: nothing follows from it.")
    for change in effects.changed_facts:
        fact = change.before or change.after
        said = f"{change.verdict.value.capitalize()}: {fact.statement if fact else ''} ({change.reason})"
        say(shown(said))
    for detail in effects.details:
        say(shown(detail))
    for use in effects.uses:
        locked = ", locked" if use.locked else ""
        say(shown(f"Scene {use.scene_number}, {use.title}{locked}: {' '.join(use.reasons)}"))
    if effects.stale_summary:
        say("The summary of the scene still says what no longer holds.")


def document_of(effects: "EditEffects") -> dict[str, Any]:
    """The JSON object of an edit; the text itself is left out."""
    document = effects.model_dump(mode="json", exclude={"pieces", "revision"})
    revision = _row_of(effects.revision, current=True) if effects.revision else None
    return {**document, "style_only": effects.style_only, "revision": revision}


def _row_of(revision: "Revision", *, current: bool) -> dict[str, Any]:
    row = revision.model_dump(mode="json", include={"number", "cause", "words", "note", "created_at"})
    return {"revision_id": str(revision.id), **row, "current": current}


def _marked(piece: "Piece") -> str:
    marks = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
    before, after = marks.get(piece.kind.value, ("", ""))
    said = "".join(part if part.isspace() else shown(part) for part in re.split(r"(\s+)", piece.text))
    return f"{before}{said}{after}"
