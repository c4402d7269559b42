"""The outline and the concepts as people type them, on a real database."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from chorus.agents.outline import linked
from chorus.cli import main
from chorus.domain.run import Run, RunStatus
from chorus.domain.story import (
    Chapter,
    Concept,
    Outline,
    Revision,
    RevisionCause,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
)
from chorus.store import Database

type Chorus = Callable[..., tuple[int, str, str]]


async def keep_story(url: str) -> UUID:
    """A story that is planned and not begun, with two concepts and three scenes."""
    store = Database(url)
    story = Story(title="The Lamp", premise="A keeper finds a letter.")
    chapter = Chapter(story_id=story.id, number=1, title="Autumn")
    scenes = [
        Scene(
            story_id=story.id,
            chapter_id=chapter.id,
            number=number,
            title=f"S{number}",
            brief=SceneBrief(purpose=event, cast=("Ilan",), exit=f"Done {number}.", target_words=300),
        )
        for number, event in enumerate(["Ilan wakes.", "Ilan rows out.", "Ilan returns."], 1)
    ]
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.stories.add_concepts(
            [Concept(story_id=story.id, number=n, title=f"Concept {n}", logline="L.", score=n) for n in (1, 2)]
        )
        await tx.stories.add_outline(Outline(chapters=(chapter,), scenes=tuple(linked(scenes))))
        await tx.runs.add(Run(story_id=story.id))
    await store.close()
    return story.id


@pytest.fixture
def chorus(database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Chorus:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("chorus.cli.outcome.speak_utf8", lambda: None)
    monkeypatch.setattr("chorus.cli.open.log_to_stderr", lambda *_, **__: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_an_outline_is_printed_changed_in_a_file_and_brought_back(
    chorus: Chorus, database_url: str, tmp_path: Path
) -> None:
    story = str(asyncio.run(keep_story(database_url)))
    code, text, _ = chorus("outline", story)
    assert code == 0
    assert text.startswith("# The Lamp\n\n## 1 Autumn\n\n### 1 S1\n\nIlan wakes.")
    blocks = text.split("### ")
    file = tmp_path / "plan.md"
    file.write_text("### ".join([blocks[0], blocks[3].rstrip() + "\n\n", blocks[1], "+ New\n\nA boat comes.\n"]))
    code, out, _ = chorus("outline", story, "--apply", str(file), "--dry-run")
    assert (code, out) == (0, "Scenes added: 3; removed: 2; moved: 1, 3.\n")
    code, out, _ = chorus("outline", story, "--apply", str(file), "--note", "Shorter.", "--json")
    document = json.loads(out)
    assert (code, document["version"], document["change"]["removed"]) == (0, 2, [2])
    document = json.loads(chorus("outline", story, "--json")[1])
    assert [scene["title"] for scene in document["draft"]["chapters"][0]["scenes"]] == ["S3", "S1", "New"]
    assert [line.split(" · ")[0] for line in chorus("outline", story, "--versions")[1].splitlines()] == [
        "1. plan",
        "2. edit",
    ]
    assert chorus("outline", story, "--restore", "1")[0] == 0
    assert chorus("outline", story)[1] == text


def test_what_cannot_be_applied_says_why_and_changes_nothing(chorus: Chorus, database_url: str, tmp_path: Path) -> None:
    story = str(asyncio.run(keep_story(database_url)))
    before = chorus("outline", story)[1]
    file = tmp_path / "plan.md"
    file.write_text("### 9 S9\n\nWho?\n")
    code, _, said = chorus("outline", story, "--apply", str(file))
    assert code == 2
    assert "There is no scene 9" in said
    assert chorus("outline", story)[1] == before
    assert json.loads(chorus("outline", story, "--versions", "--json")[1]) == []


def test_a_concept_is_chosen(chorus: Chorus, database_url: str) -> None:
    story = str(asyncio.run(keep_story(database_url)))
    assert chorus("concepts", story)[1].startswith("1. Concept 1 (score 1)\n")
    code, out, _ = chorus("concepts", story, "--choose", "2", "--json")
    assert (code, [concept["selected"] for concept in json.loads(out)]) == (0, [False, True])


async def write(url: str, story_id: UUID) -> None:
    """Give every scene a text."""
    store = Database(url)
    async with store.transaction() as tx:
        for scene in (await tx.stories.load_outline(story_id)).scenes:
            text = f"{scene.brief.purpose} The sea was quiet."
            revision = Revision(
                story_id=story_id, scene_id=scene.id, number=1, cause=RevisionCause.DRAFT, text=text, words=6
            )
            await tx.stories.add_revision(revision)
            done = {"revision_id": revision.id, "status": SceneStatus.APPROVED, "words": 6}
            await tx.stories.save_scene(scene.model_copy(update=done))
        run = (await tx.runs.list_to_change(story_id))[0]
        await tx.runs.settle(run.id, RunStatus.COMPLETE)
    await store.close()


def test_a_plan_that_changes_under_a_text_says_what_may_be_written_again(
    chorus: Chorus, database_url: str, tmp_path: Path
) -> None:
    story_id = asyncio.run(keep_story(database_url))
    asyncio.run(write(database_url, story_id))
    story = str(story_id)
    file = tmp_path / "plan.md"
    file.write_text(chorus("outline", story)[1].replace("Done 1.", "The lamp is out."))
    code, out, err = chorus("outline", story, "--apply", str(file), "--dry-run")
    assert (code, out) == (0, "Scenes edited: 1. No text changes by it.\n")
    assert "Scene 1, S1: Its own plan is another: how it ends." in err
    assert "Scene 2, S2: It is to begin where scene 1 ends, which is now: “The lamp is out.”" in " ".join(err.split())
    code, out, _ = chorus("outline", story, "--apply", str(file))
    assert code == 0
    assert f"choose what to write again: chorus redo {story[:8]} 1 2" in " ".join(out.split())
    file.write_text("### ".join(chorus("outline", story)[1].split("### ")[:3]))
    assert "it takes --rewrite" in chorus("outline", story, "--apply", str(file), "--dry-run")[1]
    code, _, said = chorus("outline", story, "--apply", str(file))
    assert code == 1
    assert "Scene 3 is written already, and would move or go" in " ".join(said.split())
