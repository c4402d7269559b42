"""Nothing of a later scene is found as of an earlier one, whatever was written, edited, restored or forked before."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chorus.domain.canon import Memory, MemoryHit, MemoryKind
from chorus.domain.search import Grouping, MemoryFilter
from chorus.memory import Recall
from chorus.store import Database
from tests.integration.memory.conftest import Hashed
from tests.integration.store.conftest import add_story

SCENES = 5
WORDS = ("fox", "hen", "mill", "river", "letter")

changes = st.lists(
    st.tuples(
        st.sampled_from(["write", "edit", "restore", "fork", "end", "embed"]),
        st.integers(1, SCENES),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    ),
    min_size=2,
    max_size=10,
)


@dataclass
class History:
    """Stories with the texts of their scenes, as they ought to be."""

    stories: list[tuple[UUID, list[UUID]]] = field(default_factory=list)
    told: dict[tuple[UUID, int], list[str]] = field(default_factory=dict)
    ended: dict[tuple[UUID, int], int] = field(default_factory=dict)

    def may_be_found(self, story_id: UUID, as_of: int) -> set[str]:
        return {
            texts[-1]
            for (told_in, scene), texts in self.told.items()
            if told_in == story_id and scene <= as_of <= self.ended.get((told_in, scene), SCENES)
        }


async def _live(store: Database, recall: Recall, history: History, change: tuple[str, int, list[str]]) -> None:
    kind, scene, words = change
    if kind == "fork" or not history.stories:
        await _fork(store, history)
    story_id, scene_ids = history.stories[-1]
    key = (story_id, scene)
    texts = history.told.setdefault(key, [])
    if kind == "embed":
        await recall.embed_pending(story_id)
    elif kind == "end" and texts:
        history.ended[key] = scene + len(words) - 1
    elif kind == "restore" and texts:
        texts.append(texts[0])
    else:
        texts.append(f"{' '.join(words)} {len(texts)} of {scene}")
    if not texts:
        del history.told[key]
        return
    await _tell(store, history, key, scene_ids[scene - 1])


async def _tell(store: Database, history: History, key: tuple[UUID, int], scene_id: UUID) -> None:
    memory = Memory(
        story_id=key[0],
        scene_id=scene_id,
        scene_number=key[1],
        kind=MemoryKind.PASSAGE,
        number=len(history.told[key]),
        text=history.told[key][-1],
        valid_from=key[1],
        valid_to=history.ended.get(key),
    )
    async with store.transaction() as tx:
        await tx.memories.replace(scene_id, [memory])


async def _fork(store: Database, history: History) -> None:
    """Copy the newest story, whose own life then goes on no more."""
    story, outline, _ = await add_story(store, "fork", SCENES)
    scene_ids = [scene.id for scene in outline.scenes]
    before = history.stories[-1][0] if history.stories else None
    history.stories.append((story.id, scene_ids))
    for (told_in, scene), texts in list(history.told.items()):
        if told_in == before:
            history.told[story.id, scene] = [f"{texts[-1]} again"]
            if (told_in, scene) in history.ended:
                history.ended[story.id, scene] = history.ended[told_in, scene]
            await _tell(store, history, (story.id, scene), scene_ids[scene - 1])


async def _check(recall: Recall, history: History, as_of: int) -> None:
    may = {(story_id, text) for story_id, _ in history.stories for text in history.may_be_found(story_id, as_of)}
    for group in Grouping:
        for story_id, _ in history.stories:
            within = MemoryFilter(story_id=story_id, as_of=as_of)
            hits = await recall.search("fox mill letter", k=50, within=within, group=group)
            assert _told(hits) == {each for each in may if each[0] == story_id}
        hits = await recall.search("fox mill letter", k=50, within=MemoryFilter(as_of=as_of), group=group)
        assert _told(hits) <= may


def _told(hits: list[MemoryHit]) -> set[tuple[UUID, str]]:
    return {(hit.story_id, hit.text) for hit in hits}


@pytest.mark.parametrize("examples", [12, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_nothing_later_leaks(database_url: str, examples: int) -> None:
    url = database_url.replace("postgresql:", "postgresql+psycopg:")

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(changes, st.integers(0, SCENES))
    def check(history_of: list[tuple[str, int, list[str]]], as_of: int) -> None:
        async def live() -> None:
            store = Database(url)
            recall, history = Recall(store, Hashed()), History()
            try:
                for change in history_of:
                    await _live(store, recall, history, change)
                await _check(recall, history, as_of)
            finally:  # the next example, or the smaller one that hypothesis looks for, begins with nothing
                async with store.transaction() as tx:
                    for story_id, _ in history.stories:
                        await tx.stories.remove(story_id)
                await store.close()

        asyncio.run(live())

    check()


async def test_what_comes_later_changes_no_figure(store: Database, recall: Recall) -> None:
    """A prompt that is asked again must be the same, whatever was written meanwhile."""
    history = History()
    for scene in (1, 2, 3):
        await _live(store, recall, history, ("write", scene, ["fox", WORDS[scene]]))
    story_id = history.stories[-1][0]
    await recall.embed_pending(story_id)
    within = MemoryFilter(story_id=story_id, as_of=2)
    before = await recall.search("fox river letter", k=5, within=within)
    for scene in (4, 5):
        await _live(store, recall, history, ("write", scene, ["fox", "river", "letter"]))
    await recall.embed_pending(story_id)
    assert await recall.search("fox river letter", k=5, within=within) == before


async def test_a_memory_that_only_ends_earlier_is_kept_with_its_vector(store: Database, recall: Recall) -> None:
    history = History()
    await _live(store, recall, history, ("write", 2, ["fox"]))
    await _live(store, recall, history, ("embed", 2, ["fox"]))
    await _live(store, recall, history, ("end", 2, ["fox"]))  # with its own scene
    story_id = history.stories[-1][0]
    async with store.transaction() as tx:
        (memory,) = await tx.memories.list_of(story_id)
        assert await tx.memories.count_pending("hashed", story_id) == 0
    assert (memory.text, memory.valid_from, memory.valid_to) == ("fox 0 of 2", 2, 2)
