"""A run that reads a finished text into the canon: one call for each scene; what it finds true stays proposed."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from chorus.agents.names import mentioned
from chorus.domain.canon import Fact
from chorus.domain.run import Stage
from chorus.domain.story import Revision, Scene
from chorus.memory import remember_scene
from chorus.pipeline.catalogue import catalogue, keep_digest, welcome
from chorus.pipeline.desk import Desk
from chorus.pipeline.stages import enter
from chorus.pipeline.state import RunState
from chorus.pipeline.ties import retie

type Step = dict[str, object]


async def read_canon(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Read every scene that nothing was read out of yet, in story order, so that each knows who was met before."""
    desk = runtime.context
    await enter(desk, Stage.SCENES)
    async with desk.reading() as tx:
        scenes = (await tx.stories.load_outline(desk.run.story_id)).scenes
        done = {event.scene_number for event in await tx.runs.list_events_of_kind(desk.run.id, "canon_read")}
    again = set(desk.run.settings.read_again) - done
    for scene in scenes:
        if scene.revision_id:
            async with desk.reading() as tx:
                revision = await tx.stories.load_revision(scene.revision_id)
            if scene.number in again or (revision.digest is None and not desk.run.settings.read_again):
                await _read(desk, scene, revision)
    desk.backlog.start(len(scenes))
    return {"scenes_done": len(scenes)}


async def _read(desk: Desk, scene: Scene, revision: Revision) -> None:
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        before = await tx.stories.list_digests(scene.story_id, scene.number)
    there = tuple(character.name for character in mentioned(revision.text, frame.characters))
    cast = scene.model_copy(update={"brief": scene.brief.model_copy(update={"cast": there})})
    read = await catalogue(desk, frame, cast, revision, before, "digest_scene/read")
    if read is None:
        return
    told = revision.model_copy(update={"digest": read.digest})
    summed_up = cast.model_copy(update={"summary": read.digest.summary})
    async with desk.writing() as page:
        known = await page.tx.canon.list_facts_of(revision.id)
        found = _news(read.facts, known)
        await page.tx.canon.forget_states_of(revision.id)
        await keep_digest(page, revision, read.model_copy(update={"facts": found}))
        await page.tx.stories.save_scene(summed_up)
        await welcome(page.tx, frame, scene, told)
        await retie(page.tx, scene, told)
        await remember_scene(page.tx, summed_up, told)
        page.record(
            "canon_read",
            f"Scene {scene.number} is read: {len(found)} fact(s) proposed.",
            scene.number,
            facts=len(found),
        )
    desk.forget_frame()


def _news(found: Sequence[Fact], known: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts that nobody knows or has refused yet, numbered on."""
    said = {fact.statement for fact in known}
    news = [fact for fact in found if fact.statement not in said]
    return tuple(fact.model_copy(update={"number": n}) for n, fact in enumerate(news, len(known) + 1))
