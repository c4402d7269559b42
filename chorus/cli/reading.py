"""``runs``, ``stories``, ``show`` and ``search``: what is there, as a table or as JSON."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from chorus.cli.ids import every, resolve, short
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import counted, duration, print_json, say, show_table, shown, table, tell
from chorus.cli.writing import cost, document_of
from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.run import RunStatus, RunSummary
from chorus.domain.search import Grouping, Hits, MemoryFilter, Weights
from chorus.domain.story import Character, Manuscript, ManuscriptChapter, SceneStatus
from chorus.errors import InvalidInput

if TYPE_CHECKING:
    from chorus.store import StoryCard
    from chorus.studio import Studio


def list_runs(*, as_json: bool) -> int:
    """List all runs."""
    summaries = run(_runs())
    if as_json:
        print_json([document_of(summary) for summary in summaries])
    elif summaries:
        _table_of_runs(summaries)
    else:
        tell("There are no runs yet. `chorus write PREMISE` begins one.")
    return 0


async def _runs() -> list[RunSummary]:
    async with opened() as studio, studio.store.transaction() as tx:
        return await every(tx.runs.list_summaries)


def _table_of_runs(summaries: list[RunSummary]) -> None:
    figures = ("scenes", "words", "calls", "tokens", "cost", "time")
    rows = table("run", "story", "title", "status", *figures, right=figures, folded=("title",))
    for summary in summaries:
        rows.add_row(
            short(summary.run_id),
            short(summary.story_id),
            shown(summary.title) or "Untitled",
            "left" if _is_left(summary) else summary.status.value,
            f"{summary.scenes}/{summary.scenes_planned}",
            f"{summary.words:,}",
            f"{summary.llm_calls:,}",
            f"{summary.prompt_tokens + summary.completion_tokens:,}",
            cost(summary).removeprefix("cost "),
            duration(summary.wall_s),
        )
    show_table(rows)
    if left := [one for one in summaries if _is_left(one)]:
        tell(f"Nobody works on a run that is “left”; `chorus resume {short(left[0].run_id)}` goes on with it.")


def _is_left(summary: RunSummary) -> bool:
    return summary.status is RunStatus.RUNNING and not summary.is_held


def list_stories(*, as_json: bool) -> int:
    """List all stories."""
    cards = run(_stories())
    if as_json:
        print_json([_card_document(card) for card in cards])
    elif cards:
        _table_of_stories(cards)
    else:
        tell("There are no stories yet. `chorus write PREMISE` begins one, `chorus import FILE` brings one in.")
    return 0


async def _stories() -> "list[StoryCard]":
    async with opened() as studio, studio.store.transaction() as tx:
        return await every(tx.stories.list_cards)


def _card_document(card: "StoryCard") -> dict[str, Any]:
    document = card.model_dump(mode="json")
    return {"story_id": document.pop("id"), **document}


def _table_of_stories(cards: "list[StoryCard]") -> None:
    figures = ("chapters", "scenes", "words")
    rows = table("story", "title", *figures, "from", "last run", "changed", right=figures, folded=("title",))
    for card in cards:
        rows.add_row(
            short(card.id),
            shown(card.title) or "Untitled",
            f"{card.chapters:,}",
            f"{card.scenes}/{card.scenes_planned}",
            f"{card.words:,}",
            card.origin,
            card.run_status or "none",
            f"{card.updated_at.astimezone():%Y-%m-%d %H:%M}",
        )
    show_table(rows)


async def find_story(studio: "Studio", typed: str) -> UUID:
    """Find the story that somebody typed the id of, or its beginning."""

    async def page(limit: int, offset: int) -> list[UUID]:
        async with studio.store.transaction() as tx:
            return [card.id for card in await tx.stories.list_cards(limit, offset)]

    return await resolve(typed, "story", "chorus stories", page)


def show_story(typed: str, *, as_json: bool) -> int:
    """Show one story."""
    manuscript, cast, last = run(_story(typed))
    if as_json:
        print_json(_story_document(manuscript, cast, last))
    else:
        _tell_story(manuscript, cast, last)
    return 0


async def _story(typed: str) -> tuple[Manuscript, list[Character], RunSummary | None]:
    async with opened() as studio:
        story_id = await find_story(studio, typed)
        async with studio.store.transaction() as tx:
            manuscript = await tx.stories.load_manuscript(story_id)
            cast = await tx.stories.list_characters(story_id)
            last = await tx.runs.find_latest(story_id)
            return manuscript, cast, await tx.runs.summarise(last.id) if last else None


def _story_document(manuscript: Manuscript, cast: list[Character], last: RunSummary | None) -> dict[str, Any]:
    document = manuscript.model_dump(mode="json", exclude={"chapters"})
    scenes = [scene for chapter in manuscript.chapters for scene in chapter.scenes]
    return {
        **document,
        "scenes": sum(scene.status is SceneStatus.APPROVED for scene in scenes),
        "scenes_planned": len(scenes),
        "words": manuscript.words,
        "run_id": str(last.run_id) if last else None,
        "run_status": last.status.value if last else None,
        "chapters": [_chapter_document(chapter) for chapter in manuscript.chapters],
        "characters": [member.model_dump(mode="json", include=_CAST_TOLD) for member in cast],
    }


_CAST_TOLD = {"name", "aliases", "role", "description", "want", "flaw", "voice", "first_scene"}


def _chapter_document(chapter: ManuscriptChapter) -> dict[str, Any]:
    scenes = []
    for scene in chapter.scenes:
        document = scene.model_dump(mode="json")
        scenes.append({"scene_number": document.pop("number"), **document})
    return {"chapter_number": chapter.number, "title": chapter.title, "scenes": scenes}


def _tell_story(manuscript: Manuscript, cast: list[Character], last: RunSummary | None) -> None:
    tell(shown(manuscript.title) or "Untitled", style="bold")
    scenes = sum(len(chapter.scenes) for chapter in manuscript.chapters)
    told = [counted(len(manuscript.chapters), "chapter"), counted(scenes, "scene"), counted(manuscript.words, "word")]
    tell(" · ".join([*told, *([f"last run {last.status.value}"] if last else [])]))
    if manuscript.premise:
        tell(f"\n{shown(manuscript.premise)}", style="italic")
    if cast:
        tell(f"\nCast: {', '.join(shown(member.name) for member in cast)}")
    if scenes:
        tell()
        _table_of_scenes(manuscript)
    tell(f"\nRead it with: chorus export {short(manuscript.story_id)}")


def _table_of_scenes(manuscript: Manuscript) -> None:
    rows = table("scene", "title", "words", "status", right=("scene", "words"), folded=("title",))
    for chapter in manuscript.chapters:
        rows.add_row("", f"{chapter.number}. {shown(chapter.title)}", "", "", style="bold")
        for scene in chapter.scenes:
            status = scene.status.value.replace("_", " ")
            rows.add_row(str(scene.number), shown(scene.title), f"{scene.words:,}", status)
    show_table(rows)


def search(
    query: str,
    story: str | None,
    k: int,
    group: str,
    filters: Mapping[str, object],
    wishes: Mapping[str, float],
    *,
    as_json: bool,
) -> int:
    """Search the memory of one story or of all; say what could not be done as well as it might."""
    hits = run(_search(query, story, k, Grouping(group), _filter(filters), Weights.model_validate(wishes)))
    if hits.words_only:
        say(f"Found by words only: {hits.words_only}", style="yellow")
    elif hits.pending:
        say(f"Vectors are still to come: of {hits.pending:,} memories only the words were searched.", style="yellow")
    if as_json:
        print_json([hit.model_dump(mode="json") for hit in hits])
    elif hits:
        _table_of_hits(hits)
    else:
        tell("Nothing is remembered yet: write or import a story first.")
    return 0


def _filter(given: Mapping[str, object]) -> MemoryFilter:
    try:
        return MemoryFilter.model_validate(given)
    except ValidationError as error:
        kinds = ", ".join(MemoryKind)
        raise InvalidInput(f"There is no such kind of memory: --kind takes {kinds}.") from error


async def _search(
    query: str, story: str | None, k: int, group: Grouping, within: MemoryFilter, weights: Weights
) -> Hits:
    async with opened() as studio:
        story_id = await find_story(studio, story) if story else None
        return await studio.search_memory(
            query,
            story_id,
            k,
            within.as_of,
            within.kinds,
            group=group,
            character=within.character,
            place=within.place,
            chapter=within.chapter,
            weights=weights,
        )


def _table_of_hits(hits: list[MemoryHit]) -> None:
    rows = table("rank", "score", "story", "scene", "kind", "text", right=("rank", "score", "scene"), folded=("text",))
    for hit in hits:
        kind = hit.kind.value.replace("_", " ")
        title = shown(hit.story_title)[:28]
        rows.add_row(str(hit.rank), f"{hit.score:.3f}", title, str(hit.scene_number), kind, shown(hit.text))
    show_table(rows)
