"""``concepts`` and ``outline``: what a story will be, looked at and changed before it is written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chorus.cli.history import read_text
from chorus.cli.ids import short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, say, shown, tell

if TYPE_CHECKING:
    from chorus.domain.outline_draft import OutlineDraft
    from chorus.domain.story import Concept, OutlineVersion
    from chorus.editing import OutlineChange, OutlineEdited, PlannedOutline


def concepts(typed: str, choose: int | None, *, as_json: bool) -> int:
    """List the concepts of a story, or choose one."""
    found = run(_concepts(typed, choose))
    if as_json:
        print_json([concept.model_dump(mode="json") for concept in found])
        return 0
    for concept in found:
        mark = "selected" if concept.selected else f"score {concept.score:g}"
        tell(f"{concept.number}. {shown(concept.title)} ({mark})", style="bold")
        for line in (concept.logline, concept.conflict, concept.ending):
            if line:
                tell(f"   {shown(line)}")
    if not found:
        tell("No concept is worked out yet.")
    return 0


async def _concepts(typed: str, choose: int | None) -> "list[Concept]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        if choose is not None:
            await studio.choose_concept(story_id, choose)
        return await studio.list_concepts(story_id)


def show(typed: str, *, as_json: bool) -> int:
    """Print the outline as a text that can be edited and applied; doubts go elsewhere."""
    planned, title = run(_load(typed))
    if as_json:
        print_json(planned.model_dump(mode="json"))
        return 0
    from chorus.domain.outline_text import outline_text

    lines = outline_text(planned.draft, title).splitlines()
    sys.stdout.write("\n".join(shown(line) for line in lines) + "\n")  # as it is: no line may be wrapped
    _say_doubts(planned)
    return 0


async def _load(typed: str) -> "tuple[PlannedOutline, str]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        return await studio.load_outline(story_id), (await studio.load_manuscript(story_id)).title


def apply(typed: str, file: Path | None, note: str, *, rewrite: bool, dry: bool, as_json: bool) -> int:
    """Make the outline what a file says, or what comes out of the user's editor (None)."""
    from chorus.domain.outline_text import read_outline

    if file is not None:
        wanted = read_outline(read_text(file))
    else:
        edited = run(_edited(typed))
        if edited is None:
            say("Nothing was changed.", style="dim")
            return 0
        wanted = read_outline(edited)
    return _report(run(_apply(typed, wanted, note, rewrite=rewrite, dry=dry)), dry=dry, as_json=as_json)


async def _edited(typed: str) -> str | None:
    """Open the outline in the user's editor; None if it comes back as it was."""
    from chorus.domain.outline_text import outline_text

    planned, title = await _load(typed)
    before = outline_text(planned.draft, title)
    after = click.edit(before, extension=".md")
    return None if after is None or after == before else after


async def _apply(
    typed: str, wanted: "OutlineDraft", note: str, *, rewrite: bool, dry: bool
) -> "tuple[dict[str, Any], str]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        if dry:
            change = await studio.preview_outline(story_id, wanted)
            _say_effects(change)
            return change.model_dump(mode="json", exclude={"outline"}), f"{change.words}{_what_moves(change)}"
        return _told(await studio.edit_outline(story_id, wanted, rewrite=rewrite, note=note))


def restore(typed: str, version: int, *, rewrite: bool, as_json: bool) -> int:
    """Bring an earlier version of the outline back."""
    return _report(run(_restore(typed, version, rewrite=rewrite)), dry=False, as_json=as_json)


async def _restore(typed: str, version: int, *, rewrite: bool) -> "tuple[dict[str, Any], str]":
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        return _told(await studio.restore_outline(story_id, version, rewrite=rewrite))


def versions(typed: str, *, as_json: bool) -> int:
    """List every outline the story has had."""
    found = run(_versions(typed))
    if as_json:
        print_json([version.model_dump(mode="json") for version in found])
        return 0
    for version in found:
        scenes = counted(len(version.outline.scenes), "scene")
        note = f" · {shown(version.note)}" if version.note else ""
        tell(f"{version.number}. {version.cause.value} · {scenes} · {version.created_at:%Y-%m-%d %H:%M}{note}")
    return 0


async def _versions(typed: str) -> "list[OutlineVersion]":
    async with opened() as studio:
        return await studio.list_outline_versions(await find_story(studio, typed))


def _told(edited: "OutlineEdited") -> tuple[dict[str, Any], str]:
    document = edited.model_dump(mode="json", exclude={"change": {"outline"}})
    _say_effects(edited.change)
    return document, f"Version {edited.version}. {edited.change.words}{_how_to_go_on(edited)}"


def _how_to_go_on(edited: "OutlineEdited") -> str:
    """What can be done now: have the rest written, or choose what is to be written again."""
    told = f" Go on with: chorus resume {short(edited.run_id)}" if edited.run_id else ""
    if not edited.change.redoable:
        return told
    chosen = " ".join(map(str, edited.change.redoable))
    return f"{told} Texts stay as they are; choose what to write again: chorus redo {short(edited.story_id)} {chosen}"


def _what_moves(change: "OutlineChange") -> str:
    if not change.displaced:
        return " No text changes by it." if change.touched else ""
    return f" Written already and in the way: {', '.join(map(str, change.displaced))}; it takes --rewrite."


def _say_effects(change: "OutlineChange") -> None:
    """Say what is at stake, and which scenes were told of it."""
    for fact in change.facts:
        say(shown(f"At stake: {fact.before.statement if fact.before else ''} ({fact.reason})"))
    for use in change.uses:
        locked = ", locked" if use.locked else ""
        say(shown(f"Scene {use.scene_number}, {use.title}{locked}: {' '.join(use.reasons)}"))


def _report(done: tuple[dict[str, Any], str], *, dry: bool, as_json: bool) -> int:
    document, words = done
    if as_json:
        print_json(document)
    else:
        tell(words)
        for doubt in document.get("doubts", ()):
            say(f"Doubtful: {doubt['words']}", style="yellow")
        if dry:
            say("Nothing is changed yet.", style="dim")
    return 0


def _say_doubts(planned: "PlannedOutline") -> None:
    for doubt in planned.doubts:
        say(f"Doubtful: {shown(doubt.words)}", style="yellow")
