"""Search on a real Postgres, with an embedder that only knows words."""

from uuid import UUID

import pytest

from chorus.domain.canon import Memory, MemoryHit, MemoryKind
from chorus.domain.search import Grouping, MemoryFilter, Weights, rerank
from chorus.domain.story import Character, SceneBrief, Story
from chorus.memory import Recall
from chorus.store import Database, Search
from tests.integration.memory.conftest import Hashed
from tests.integration.store.conftest import add_story

TALE = [
    "The keeper lit the lamp and swore to wait.",
    "A letter came in a bottle, sealed with blue wax.",
    "Her brother rowed out and did not come back.",
    "The wolves came down to the harbour in the snow.",
]


async def tell(store: Database, recall: Recall | None, texts: list[str], title: str = "T") -> UUID:
    story, outline, _ = await add_story(store, title, len(texts))
    memories = [
        Memory(
            story_id=story.id,
            scene_id=outline.scenes[n - 1].id,
            scene_number=n,
            valid_from=n,
            kind=MemoryKind.PASSAGE,
            number=number,
            text=text,
        )
        for n, whole in enumerate(texts, 1)
        for number, text in enumerate(whole.split("|"), 1)
    ]
    async with store.transaction() as tx:
        await tx.memories.add(memories)
    if recall:
        await recall.embed_pending(story.id)
    return story.id


def texts(hits: list[MemoryHit]) -> list[str]:
    return [hit.text for hit in hits]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_the_best_comes_first_and_says_why(store: Database, recall: Recall, everywhere: bool) -> None:
    story_id = await tell(store, recall, TALE)
    within = MemoryFilter(story_id=None if everywhere else story_id)
    hits = await recall.search("who wrote the sealed letters", k=2, within=within)
    best = hits[0]
    assert best.text == TALE[1]
    assert (best.rank, best.lexical_rank, best.scene_number, best.story_title) == (1, 1, 2, "T")
    assert best.lexical_score is not None
    assert best.vector_score is not None
    assert best.parts["lexical"] == 1.0
    assert best.score == pytest.approx(
        sum(getattr(Weights(), name) * part for name, part in best.parts.items()), abs=1e-4
    )


@pytest.mark.parametrize("everywhere", [False, True])
async def test_words_are_searched_before_there_are_vectors(store: Database, recall: Recall, everywhere: bool) -> None:
    story_id = await tell(store, None, TALE)
    within = MemoryFilter(story_id=None if everywhere else story_id)
    hits = await recall.search("wolf, wolves!", k=3, within=within)
    assert texts(hits)[0] == TALE[3]
    assert hits[0].vector_rank is None


async def test_a_scene_is_found_once_by_its_best_memory(store: Database, recall: Recall) -> None:
    story_id = await tell(
        store, recall, ["The fox slept.|The fox woke and saw the red hen.|The fox ran.", "A hen, a fox."]
    )
    for within in (MemoryFilter(story_id=story_id), MemoryFilter()):
        hits = await recall.search("fox saw the red hen", k=5, within=within, group=Grouping.SCENE)
        assert [hit.scene_number for hit in hits] == [1, 2]
        assert hits[0].text == "The fox woke and saw the red hen."


async def test_lore_is_not_one_scene(store: Database, recall: Recall) -> None:
    story_id = await tell(store, recall, ["x"])
    lore = [Memory(story_id=story_id, kind=MemoryKind.LORE, number=n, text=f"The mill {n}") for n in (1, 2)]
    async with store.transaction() as tx:
        await tx.memories.add(lore)
    for within in (MemoryFilter(story_id=story_id), MemoryFilter()):
        hits = await recall.search("mill", k=5, within=within, group=Grouping.SCENE)
        assert {hit.text for hit in hits if hit.lexical_rank} == {"The mill 1", "The mill 2"}


@pytest.mark.parametrize(
    ("language", "query"),
    [("Deutsch", "Haus"), ("German (Austria)", "häusern"), ("English", "walked"), ("Klingon", "walks")],
)
async def test_the_storys_language_stems(store: Database, recall: Recall, language: str, query: str) -> None:
    story = Story(title="T", language=language)
    memory = Memory(story_id=story.id, kind=MemoryKind.LORE, text="Die Häuser am Fluss. He walks.")
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.memories.add([memory])
    for within in (MemoryFilter(story_id=story.id), MemoryFilter()):
        assert (await recall.search(query, k=1, within=within))[0].lexical_rank == 1


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_word_is_found_in_its_irregular_forms(store: Database, everywhere: bool) -> None:
    story_id = await tell(store, None, ["He gave the ring to her.", "She saw the ring.", "A gift of women and men."])
    within = MemoryFilter(story_id=None if everywhere else story_id)
    hits = await _by_words(store, "Why did he give a ring?", within)
    assert texts(hits)[0] == "He gave the ring to her."
    (woman,) = await _by_words(store, "a woman", within)
    assert woman.text == "A gift of women and men."


async def test_only_english_words_have_english_forms(store: Database) -> None:
    story_id = await tell(store, None, ["Er gave dem Kind Brot."])
    within = MemoryFilter(story_id=story_id)
    assert await _by_words(store, "give", within)
    async with store.transaction() as tx:
        await tx.connection.exec_driver_sql("UPDATE story SET language = 'German'")
    assert not await _by_words(store, "give", within)


async def _by_words(store: Database, query: str, within: MemoryFilter) -> list[MemoryHit]:
    found = await Recall(store, Hashed()).search(query, k=3, within=within, weights=Weights(vector=0, story=0))
    return [hit for hit in found if hit.lexical_rank]


async def test_whoever_is_named_is_found_by_all_names(store: Database) -> None:
    story_id = await tell(store, None, ["Lizzy rowed out.", "Elizabeth slept.", "Jane Bennet sang.", "Then Will came."])
    people = [("Elizabeth Bennet", ("Lizzy",)), ("Jane Bennet", ()), ("Will", ("the Keeper",))]
    async with store.transaction() as tx:
        await tx.stories.add_characters(
            [Character(story_id=story_id, number=n, name=name, aliases=also) for n, (name, also) in enumerate(people)]
        )
    within = MemoryFilter(story_id=story_id)
    assert set(texts(await _by_words(store, "what of lizzy", within))) == {"Lizzy rowed out.", "Elizabeth slept."}
    assert texts(await _by_words(store, "Will he stay?", within)) == ["Then Will came."]
    assert texts(await _by_words(store, "the Keeper", within)) == ["Then Will came."]
    assert texts(await _by_words(store, "Will", MemoryFilter())) == ["Then Will came."]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_character_is_where_a_whole_name_is(store: Database, recall: Recall, everywhere: bool) -> None:
    told = ["She planned.", "“Ann—” he said.", "Nan’s boat.", "ANN rows", "the annals", "Anna", "Mrs Lee"]
    story_id = await tell(store, recall, told)
    await tell(store, recall, ["Nan and Ann"], "another")
    async with store.transaction() as tx:
        await tx.stories.add_characters(
            [Character(story_id=story_id, number=1, name="Ann", aliases=("Nan", "Mrs Lee"))]
        )
        if everywhere:
            assert await tx.shards.gather(least=1)
    await tell(store, recall, ["Ann alone", "Nan alone"], "a third, in pages")

    async def found(name: str) -> set[str]:
        within = MemoryFilter(story_id=None if everywhere else story_id, character=name)
        return set(texts(await recall.search("boat", k=20, within=within)))

    hers = {told[1], told[2], told[3], told[6]}
    assert await found("ann") == hers | ({"Nan and Ann", "Ann alone"} if everywhere else set())
    assert await found("Mrs Lee") == hers
    assert await found("pla") == set()


@pytest.mark.parametrize("filtered", [False, True])
async def test_there_are_as_many_scenes_as_are_asked_for(store: Database, recall: Recall, filtered: bool) -> None:
    for title in ("one", "two"):
        crowd = "|".join(f"the boat {number}" for number in range(200))
        await tell(store, recall, [crowd, *(f"a sail {number}" for number in range(6))], title)
    within = MemoryFilter(kinds=(MemoryKind.PASSAGE,)) if filtered else MemoryFilter()
    hits = await recall.search("boat", k=12, within=within, group=Grouping.SCENE)
    assert len({(hit.story_id, hit.scene_number) for hit in hits}) == 12


@pytest.mark.parametrize("everywhere", [False, True])
async def test_filters_keep_what_they_say(store: Database, recall: Recall, everywhere: bool) -> None:
    story_id = await tell(store, recall, TALE)
    async with store.transaction() as tx:
        await tx.stories.add_characters([Character(story_id=story_id, number=1, name="Mara", aliases=("the keeper",))])
        scene = await tx.stories.load_scene(story_id, 3)
        await tx.stories.save_scene(scene.model_copy(update={"brief": SceneBrief(purpose="p", place="The Bay")}))
        fact = Memory(
            story_id=story_id, scene_id=scene.id, scene_number=3, kind=MemoryKind.FACT, text="Hope", entities=("Mara",)
        )
        await tx.memories.add([fact])
    await recall.embed_pending(story_id)
    only = story_id if not everywhere else None

    async def found(**fields: object) -> set[str]:
        within = MemoryFilter.model_validate({"story_id": only, **fields})
        return set(texts(await recall.search("letter", k=10, within=within)))

    assert await found(kinds=[MemoryKind.FACT]) == {"Hope"}
    assert await found(place="the bay") == {TALE[2], "Hope"}
    assert await found(character="The Keeper") == {TALE[0], "Hope"}
    assert await found(character="MARA") == {TALE[0], "Hope"}
    assert await found(chapter=1) == {*TALE, "Hope"}
    assert await found(chapter=2) == set()
    assert await found(as_of=2) == {TALE[0], TALE[1]}


async def test_a_hit_says_until_when_it_holds(store: Database, recall: Recall) -> None:
    story_id = await tell(store, recall, TALE)
    fact = {"story_id": story_id, "scene_number": 2, "kind": MemoryKind.FACT, "text": "The letter is sealed."}
    async with store.transaction() as tx:
        await tx.memories.add([Memory.model_validate({**fact, "valid_from": 2, "valid_to": 3})])
    (hit, *_) = await recall.search("is the letter sealed", k=1, within=MemoryFilter(kinds=(MemoryKind.FACT,)))
    assert (hit.valid_from, hit.valid_to) == (2, 3)
    assert (hit.model_dump(mode="json")["valid_from"], hit.model_dump(mode="json")["valid_to"]) == (2, 3)


async def test_other_weights_ask_nothing_again(store: Database) -> None:
    embedder = Hashed()
    recall = Recall(store, embedder)
    story_id = await tell(store, recall, TALE)
    within = MemoryFilter(story_id=story_id)
    embedder.asked.clear()
    hits = await recall.search("snow harbour", k=4, within=within)
    recent = await recall.search("snow harbour", k=4, within=within, weights=Weights(recency=100))
    assert embedder.asked == ["snow harbour"]
    assert [hit.scene_number for hit in recent] == [4, 3, 2, 1]
    assert texts(rerank(hits, Weights(recency=100))) == texts(recent)


async def test_another_embedder_never_sees_the_vectors_of_the_first(store: Database) -> None:
    first, second = Recall(store, Hashed("it's one: 100%")), Recall(store, Hashed("it's one; 100%"))
    story_id = await tell(store, first, TALE)
    for within in (MemoryFilter(story_id=story_id), MemoryFilter()):
        hits = await second.search("letter", k=4, within=within)
        assert texts(hits)[0] == TALE[1]
        assert {hit.vector_rank for hit in hits} == {None}
    assert await second.embed_pending() == 4
    assert (await second.search("letter", k=1, within=MemoryFilter()))[0].vector_rank


async def test_a_query_may_be_anything(store: Database, recall: Recall) -> None:
    story_id = await tell(store, recall, TALE)
    for query in ("'", "the of and", "a & b | !c:*", "%s %(x)s :bind", "\\", "日本語", "x" * 4000, "🙂"):
        for within in (MemoryFilter(story_id=story_id), MemoryFilter()):
            await recall.search(query, k=3, within=within)


async def test_another_language_stems_anew(store: Database, recall: Recall) -> None:
    story = Story(title="T", language="English")
    memory = Memory(story_id=story.id, kind=MemoryKind.LORE, text="Die Häuser am Fluss.")
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.memories.add([memory])
        await tx.connection.exec_driver_sql("UPDATE story SET language = 'Deutsch'")
    for within in (MemoryFilter(story_id=story.id), MemoryFilter()):
        assert (await recall.search("das Haus", k=1, within=within))[0].lexical_rank == 1


async def test_what_is_gathered_meanwhile_counts_once(
    store: Database, recall: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(store, recall, TALE)
    before = await recall.search("letter bottle", k=4, within=MemoryFilter())
    list_pages = Search.list_pages

    async def read_and_gather(search: Search, *given: object, **named: object) -> object:
        pages = await list_pages(search, *given, **named)  # type: ignore[arg-type]
        async with store.transaction() as tx:
            gathered.append(await tx.shards.gather(least=1))
        return pages

    gathered: list[bool] = []
    monkeypatch.setattr(Search, "list_pages", read_and_gather)
    meanwhile = await recall.search("letter bottle", k=4, within=MemoryFilter())
    monkeypatch.undo()
    assert gathered == [True]
    assert [hit.lexical_score for hit in meanwhile] == [hit.lexical_score for hit in before]
    after = await recall.search("letter bottle", k=4, within=MemoryFilter())
    assert [hit.lexical_score for hit in after] == [hit.lexical_score for hit in before]
