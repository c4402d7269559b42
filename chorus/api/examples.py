"""What answers look like: one story about a lamp, in every shape the API has for it. Shown in the documentation."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel

from chorus.api.bodies import CallDetail, CallRow, ReviewRow, RunDetail, SceneDetail, SceneRow, StoryDetail, StoryRow
from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.estimate import Basis, Estimate, Range
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import ReviewItem, ReviewKind, Run, RunSettings, RunStatus, RunSummary, Stage
from chorus.domain.story import (
    Character,
    CharacterRole,
    Concept,
    Manuscript,
    ManuscriptChapter,
    ManuscriptScene,
    Origin,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
    WorldElement,
    WorldElementKind,
)
from chorus.store.stories import StoryCard
from chorus.studio import ImportSummary

STORY_ID = UUID("3f2b8c1e-5a4d-4e9b-9c7a-1d2e3f4a5b6c")
RUN_ID = UUID("9d0f7a52-1c3e-4b6a-8f21-6a7b8c9d0e1f")
OTHER_ID = UUID("5b1c2d3e-4f50-4a61-8b72-9c83ad94be05")
WHEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PREMISE = "A lighthouse keeper finds a letter in a bottle."

SUMMARY = RunSummary(
    story_id=STORY_ID,
    run_id=RUN_ID,
    title="The Lamp",
    status=RunStatus.RUNNING,
    is_held=True,
    stage=Stage.SCENES,
    scenes=1,
    scenes_planned=4,
    words=712,
    llm_calls=11,
    prompt_tokens=9_120,
    completion_tokens=3_870,
    cost_usd=Decimal("0.0121"),
    wall_s=48.2,
    error=None,
    created_at=WHEN,
)
_SCENE = Scene(
    id=OTHER_ID,
    story_id=STORY_ID,
    chapter_id=OTHER_ID,
    number=1,
    title="The bottle",
    brief=SceneBrief(purpose="Ilan finds the letter.", cast=("Ilan",), place="the lighthouse", target_words=700),
    status=SceneStatus.APPROVED,
    summary="Ilan finds a letter that is addressed to him.",
    words=712,
)
_RUN = Run(id=RUN_ID, story_id=STORY_ID, settings=RunSettings(scenes=4), status=RunStatus.RUNNING, created_at=WHEN)

STORIES = [
    StoryRow.from_card(
        StoryCard(
            id=STORY_ID,
            title="The Lamp",
            premise=PREMISE,
            language="English",
            origin=Origin.WRITTEN,
            created_at=WHEN,
            updated_at=WHEN,
            chapters=1,
            scenes=1,
            scenes_planned=4,
            words=712,
            run_id=RUN_ID,
            run_status=RunStatus.RUNNING,
        )
    )
]
STORY = StoryDetail.from_parts(
    Story(id=STORY_ID, title="The Lamp", premise=PREMISE, created_at=WHEN, updated_at=WHEN),
    Concept(id=OTHER_ID, story_id=STORY_ID, number=1, title="The Lamp", logline="A keeper is called.", selected=True),
    [WorldElement(
        id=OTHER_ID, story_id=STORY_ID, number=1, kind=WorldElementKind.PLACE, name="the lighthouse", description="Old."
    )],
    [Character(id=OTHER_ID, story_id=STORY_ID, number=1, name="Ilan", role=CharacterRole.PROTAGONIST)],
    SUMMARY,
)  # fmt: skip
MANUSCRIPT = Manuscript(
    story_id=STORY_ID,
    title="The Lamp",
    premise=PREMISE,
    language="English",
    origin=Origin.WRITTEN,
    chapters=(
        ManuscriptChapter(
            number=1,
            title="Autumn",
            scenes=(
                ManuscriptScene(
                    number=1,
                    title="The bottle",
                    status=SceneStatus.APPROVED,
                    text="The sea was quiet.",
                    words=4,
                    revision_id=OTHER_ID,
                ),
            ),
        ),
    ),
)
SCENES = [SceneRow.from_scene(_SCENE, 1)]
SCENE = SceneDetail.of({**dict(SCENES[0]), "text": "The sea was quiet."})
IMPORTED = ImportSummary(story_id=STORY_ID, title="The Lamp", scenes=2, words=1_420)
RUNS = [SUMMARY]
RUN = RunDetail.from_run(_RUN, SUMMARY)
HITS = [
    MemoryHit(
        memory_id=OTHER_ID,
        story_id=STORY_ID,
        story_title="The Lamp",
        scene_number=1,
        kind=MemoryKind.PASSAGE,
        text="Ilan found a letter in a bottle.",
        score=0.82,
        rank=1,
        vector_score=0.61,
        vector_rank=1,
        lexical_score=7.4,
        lexical_rank=2,
        parts={"vector": 1.0, "lexical": 0.67},
    )
]
CALLS = [
    CallRow.from_call(
        LLMCall(
            id=OTHER_ID,
            story_id=STORY_ID,
            run_id=RUN_ID,
            scene_number=1,
            agent="scene_generator",
            node="draft_scene",
            node_path="scene/1/draft_scene",
            prompt_version="1",
            prompt_hash="",
            model="gpt-4-turbo",
            settings={},
            settings_hash="",
            endpoint="api.openai.com",
            request={},
            outcome=Outcome.OK,
            finish_reason="stop",
            prompt_tokens=1_840,
            completion_tokens=905,
            ttft_ms=412.0,
            latency_ms=15_300.0,
            cost_usd=Decimal("0.0032"),
            started_at=WHEN,
            ended_at=WHEN,
        )
    )
]
CALL = CallDetail.of(
    {
        **dict(CALLS[0]),
        "request": {"model": "gpt-4-turbo", "messages": [{"role": "user", "content": "Write scene 1."}]},
        "response_text": "The sea was quiet.",
        "manifest": None,
        "waits": {},
    }
)
QUESTIONS = [
    ReviewRow.from_item(
        ReviewItem(
            id=OTHER_ID,
            story_id=STORY_ID,
            run_id=RUN_ID,
            kind=ReviewKind.OUTLINE,
            question="Is the outline good? Resume the run to approve it.",
            created_at=WHEN,
        )
    )
]


ESTIMATE = Estimate(
    basis=Basis.HISTORY,
    runs=12,
    llm_calls=Range(p50=17, p90=22),
    prompt_tokens=Range(p50=24_000, p90=33_000),
    completion_tokens=Range(p50=8_000, p90=11_000),
    cost_usd=Range(p50=0.02, p90=0.03),
    wall_s=Range(p50=62, p90=110),
)


def shown(example: BaseModel | Sequence[BaseModel], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Declare how a good answer looks, with the header that comes with its kind."""
    text = json.dumps(jsonable_encoder(example))
    answer: dict[str, Any] = {"content": {"application/json": {"example": text}}}
    if status != 200:
        answer["headers"] = {"Location": {"description": "Where to go on.", "schema": {"type": "string"}}}
    return {status: answer}


def unfold(openapi: dict[str, Any]) -> dict[str, Any]:
    """Turn examples from text into what they say: FastAPI drops every null from a document it writes."""
    for methods in openapi["paths"].values():
        for route in methods.values():
            for answer in route["responses"].values():
                content = answer.get("content", {}).get("application/json", {})
                if isinstance(content.get("example"), str):
                    content["example"] = json.loads(content["example"])
    return openapi


def page_shown(example: Sequence[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Declare how a page of a list looks."""
    link = {"description": 'The next page, if there is one: `<...>; rel="next"`.', "schema": {"type": "string"}}
    return {200: {**shown(example)[200], "headers": {"Link": link}}}
