"""What is taken along: a story or its bible as a file in any format, and what the finished story is like."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from chorus.api.asked import AStudio, StoryId
from chorus.api.errors import answers
from chorus.api.examples import shown
from chorus.domain.report import ArcReport, LengthReport, StoryReport, ThreadReport
from chorus.export import file_stem, find_exporter
from chorus.pipeline.report import load_report

FormatName = Literal["md", "html", "epub", "docx", "pdf", "json"]
_MEDIA_TYPES = {name: find_exporter(name).media_type for name in ("md", "html", "epub", "docx", "pdf", "json")}
_DISPOSITION = {"description": "The file's name.", "schema": {"type": "string"}}

_REPORT = StoryReport(
    scenes=1,
    scenes_planned=4,
    book=LengthReport(scene=None, words=712, target=700),
    lengths=(LengthReport(scene=1, words=712, target=700),),
    threads=(ThreadReport(question="Who wrote the letter?", opened=1, answered=4),),
    questions=((1, "Why was the lamp lit?"),),
    arcs=(ArcReport(name="Mara", scenes=(1, 2, 3, 4), first_goal="To be left in peace."),),
    findings={},
)

_WHOLE = {"story": {"title": "The Lamp"}, "chapters": [{"number": 1, "title": "One"}], "scenes": []}

router = APIRouter(prefix="/api/stories/{story_id}", tags=["export"], responses=answers())
To = Annotated[FormatName, Query(alias="format", description="Format of the file.")]


def a_file(*media_types: str, example: Mapping[str, object] | None = None) -> dict[int | str, dict[str, object]]:
    """Declare an answer that is a file of one of these kinds; ``example`` is of the one that is JSON."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    whole = {"schema": {"type": "object"}, "example": example}
    plain = [media_type.partition(";")[0] for media_type in media_types]
    content = {media_type: whole if media_type == "application/json" else binary for media_type in plain}
    headers = {"Content-Disposition": _DISPOSITION}
    return {200: {"description": "The file.", "content": content, "headers": headers}}


def attached(content: bytes, media_type: str, file_name: str) -> Response:
    """Answer with a file to be saved under this name, whatever script the name is written in."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "_" for c in file_name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


@router.get(
    "/export", response_class=Response, responses={**answers(404), **a_file(*_MEDIA_TYPES.values(), example=_WHOLE)}
)
async def export_story(story_id: StoryId, studio: AStudio, to: To = "md") -> Response:
    """Take a story along as a book; json has everything that is known of it."""
    bundle, exporter = await studio.load_bundle(story_id), find_exporter(to)
    content = await asyncio.to_thread(exporter.render, bundle)
    return attached(content, exporter.media_type, f"{file_stem(bundle.story.title)}{exporter.suffix}")


@router.get(
    "/bible", response_class=Response, responses={**answers(404), **a_file(*_MEDIA_TYPES.values(), example=_WHOLE)}
)
async def export_bible(story_id: StoryId, studio: AStudio, to: To = "md") -> Response:
    """Take a story's bible along: what holds in it, and no prose."""
    bundle, exporter = await studio.load_bundle(story_id), find_exporter(to)
    content = await asyncio.to_thread(exporter.render_bible, bundle)
    return attached(content, exporter.media_type, f"{file_stem(bundle.story.title)}-bible{exporter.suffix}")


@router.get("/report", responses={**answers(404), **shown(_REPORT)})
async def show_report(story_id: StoryId, studio: AStudio) -> StoryReport:
    """Say what a story is like as it stands: threads, arcs, lengths against what was asked, findings left."""
    async with studio.store.transaction() as tx:
        await tx.stories.load(story_id)
        return await load_report(tx, story_id)
