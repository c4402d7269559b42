"""``import``, ``export`` and ``trace``: manuscripts in, books out, and the calls of a run."""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from chorus.cli.history import work_on_begun
from chorus.cli.ids import short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.reading import find_story
from chorus.cli.terminal import counted, print_json, say, shown, tell
from chorus.cli.watch import onlooker
from chorus.cli.writing import EXIT_CODES, find_run
from chorus.domain.llm_call import LLMCall
from chorus.errors import InvalidInput
from chorus.experiments.files import to_otlp
from chorus.export import Exporter, StoryBundle, file_stem, find_exporter, unwritten
from chorus.importing import ParsedManuscript, is_guessed, load_file, read_source

if TYPE_CHECKING:
    from chorus.domain.run import RunSummary
    from chorus.studio import ImportSummary

STDIN = Path("-")


def import_file(file: Path, title: str | None, language: str | None, *, canon: bool = False, as_json: bool) -> int:
    """Make a story of a manuscript. It is read before anything is started, so that a broken one costs no wait."""
    summary, reading = run(_import(read(file, title), language, canon=canon))
    if as_json:
        ran = {"run_id": str(reading.run_id), "status": reading.status.value} if reading else {}
        print_json({**summary.model_dump(mode="json"), **ran})
    else:
        tell(shown(summary.title), style="bold")
        tell(f"{counted(summary.scenes, 'scene')} · {counted(summary.words, 'word')} · story {summary.story_id}")
        tell(f"Search it with: chorus search QUERY --story {short(summary.story_id)}")
        if reading:
            tell(f"Look at the facts that were found: chorus canon {short(summary.story_id)}")
    return EXIT_CODES.get(reading.status, 0) if reading else 0


async def _import(
    manuscript: ParsedManuscript, language: str | None, *, canon: bool
) -> "tuple[ImportSummary, RunSummary | None]":
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:

            def progress(done: int, total: int) -> None:
                looking_on.advance("Remembering", done, total, "memories")

            imported = await studio.import_manuscript(manuscript, language=language, progress=progress)
            if not canon:
                return imported, None
            begun = await studio.read_canon(imported.story_id)
            return imported, await work_on_begun(studio, begun, looking_on, detach=False)


def read(file: Path, title: str | None) -> ParsedManuscript:
    """Read a manuscript from a file or from standard input, and say so where its encoding has to be guessed."""
    raw = sys.stdin.buffer.read() if file == STDIN else load_file(file)
    manuscript = read_source(raw, title, None if file == STDIN else file.name)
    if not raw.startswith(b"PK") and is_guessed(raw):
        say(f"{file} is not UTF-8; it is read as Windows-1252.", style="yellow")
    return manuscript


def export(story: str, name: str, output: Path | None, *, bible: bool = False) -> int:
    """Write a story, or its bible, to stdout or to a file."""
    exporter = find_exporter(name)
    if output is None and not exporter.is_text and sys.stdout.isatty():
        raise InvalidInput(f"A {exporter.suffix} file is nothing for a terminal: say where it goes with -o PATH.")
    bundle = run(_bundle(story))
    content = exporter.render_bible(bundle) if bible else exporter.render(bundle)
    if not bible:
        _say_what_is_missing(bundle)
    stem = f"{file_stem(bundle.story.title)}{'-bible' if bible else ''}"
    return _hand_out(content, output, f"{stem}{exporter.suffix}")


def take_trace(typed: str, output: Path | None, *, prose: bool) -> int:
    """Write the calls of a run as OTLP to stdout or to a file."""
    run_id, calls = run(_calls(typed))
    return _hand_out(to_otlp(calls, prose=prose), output, f"run-{short(run_id)}.otlp.json")


async def _calls(typed: str) -> tuple[UUID, list[LLMCall]]:
    async with opened() as studio:
        run_id = await find_run(studio, typed)
        async with studio.store.transaction() as tx:
            await tx.runs.load(run_id)
            return run_id, await tx.calls.list_of_run(run_id)


def _hand_out(content: bytes, output: Path | None, name: str) -> int:
    """Write to stdout, to a file, or to a file of this name in a folder."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    target = output / name if output.is_dir() else output
    write_atomically(target, content)
    say(f"Written to {target}", style="dim")
    return 0


async def _bundle(typed: str) -> StoryBundle:
    async with opened() as studio:
        return await studio.load_bundle(await find_story(studio, typed))


def export_to_folder(bundle: StoryBundle, exporter: Exporter, folder: Path) -> Path:
    """Write a story into a folder under a name that is not taken yet."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = file_stem(bundle.story.title)
    names = (f"{stem}{exporter.suffix}", *(f"{stem}-{n}{exporter.suffix}" for n in range(2, 10_000)))
    target = next(folder / name for name in names if not (folder / name).exists())
    write_atomically(target, exporter.render(bundle))
    return target


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}-")
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _say_what_is_missing(bundle: StoryBundle) -> None:
    missing = unwritten(bundle.manuscript)
    if missing:
        planned = counted(len(bundle.outline.scenes), "scene")
        say(f"{missing} of {planned} without text yet: a book leaves that out.", style="yellow")
