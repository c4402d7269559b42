"""Prose on its way, as another process sees it."""

import asyncio
from itertools import pairwise
from uuid import UUID

import pytest

from chorus.domain.run import LiveDraft, RunEvent
from chorus.pipeline import live_draft
from chorus.store.runs import Runs
from chorus.studio import Studio
from tests.endpoint.faults import Kind
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[LiveDraft]:
    """Every draft that is written down."""
    drafts: list[LiveDraft] = []
    save = Runs.save_draft

    async def save_and_tell(runs: Runs, draft: LiveDraft) -> None:
        drafts.append(draft)
        await save(runs, draft)

    monkeypatch.setattr(Runs, "save_draft", save_and_tell)
    return drafts


async def test_an_answer_that_comes_at_once_is_never_written_down(studio_at: Open, saved: list[LiveDraft]) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=80))
    assert saved == []


async def test_prose_grows_and_is_gone_when_its_scene_is_committed(
    studio_at: Open, saved: list[LiveDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_draft, "INTERVAL_S", 0.02)
    left: list[asyncio.Task[LiveDraft | None]] = []
    with EndpointServer(latency_s=0.4) as endpoint:
        async with studio_at(endpoint.base_url) as studio:

            def look(event: RunEvent) -> None:
                if event.kind == "scene_committed":
                    left.append(asyncio.create_task(_find(studio, event.run_id)))

            settings = studio.default_settings(scenes=1, words=200)
            summary = await studio.write_story(PREMISE, settings=settings, watcher=Notes(look))
            async with studio.store.reading() as tx:
                scene = await tx.stories.load_scene(summary.story_id, 1)
                revisions = await tx.stories.list_revisions(scene.id)
            assert [await draft for draft in left] == [None]
    texts = [draft.text for draft in saved]
    kept = [revision.text for revision in revisions]
    grown = [later for earlier, later in pairwise(texts) if later != earlier and later.startswith(earlier)]
    assert len(grown) > 1
    assert list(dict.fromkeys(text for text in texts if text in kept)) == kept
    assert texts[-1] == kept[-1]
    assert {(draft.run_id, draft.scene_number) for draft in saved} == {(summary.run_id, 1)}


async def test_a_draft_that_was_cut_begins_anew(
    studio_at: Open, saved: list[LiveDraft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_draft, "INTERVAL_S", 0.02)
    cut: list[int] = []

    def faults(index: int) -> Kind | None:
        if not cut and "response_format" not in endpoint.calls[index].body:
            cut.append(index)
            return Kind.CUT_STREAM
        return None

    with EndpointServer(latency_s=0.3, faults=faults) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=200))
            manuscript = await studio.load_manuscript(summary.story_id)
    text = manuscript.chapters[0].scenes[0].text
    assert cut
    assert saved[-1].text == text
    assert all(len(draft.text) <= len(text) + 40 for draft in saved)


async def _find(studio: Studio, run_id: UUID) -> LiveDraft | None:
    async with studio.store.reading() as tx:
        return await tx.runs.find_draft(run_id)
