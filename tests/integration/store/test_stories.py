import json

import pytest

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.run import Run, RunStatus
from chorus.domain.story import (
    Character,
    CharacterState,
    Origin,
    Revision,
    RevisionCause,
    SceneDigest,
    SceneStatus,
    Story,
)
from chorus.errors import NotFound
from chorus.store import Database
from tests.conftest import data_file
from tests.integration.store.conftest import add_story


async def test_a_library_counts_what_is_written(store: Database) -> None:
    _, outline, run = await add_story(store, scenes=3)
    written = outline.scenes[0].model_copy(update={"status": SceneStatus.APPROVED, "words": 120})
    async with store.transaction() as tx:
        await tx.stories.save_scene(written)
    async with store.reading() as tx:
        (card,) = await tx.stories.list_cards()
    assert (card.scenes, card.scenes_planned, card.words, card.chapters) == (1, 3, 120, 1)
    assert card.run_id == run.id


async def test_a_library_is_searched_by_words_and_status(store: Database) -> None:
    await add_story(store, title="The 100% Tide")
    await add_story(store, title="A Glass Orchard")
    async with store.transaction() as tx:
        await tx.stories.add(Story(title="Brought Along", premise="A tide of glass.", origin=Origin.IMPORTED))

    async def found(words: str = "", status: RunStatus | Origin | None = None) -> list[str]:
        async with store.reading() as tx:
            cards = await tx.stories.list_cards(words=words, status=status)
            assert await tx.stories.count_cards(words=words, status=status) == len(cards)
        return sorted(card.title for card in cards)

    assert await found("TIDE") == ["Brought Along", "The 100% Tide"]
    assert await found("glass tide") == ["Brought Along"]
    assert await found("%") == ["The 100% Tide"]
    assert await found("tide", RunStatus.QUEUED) == ["The 100% Tide"]
    assert await found(status=Origin.IMPORTED) == ["Brought Along"]
    assert await found(status=RunStatus.FAILED) == []


async def test_a_manuscript_shows_approved_texts_only(store: Database) -> None:
    story, outline, _ = await add_story(store)
    scene = outline.scenes[0]
    drafts = [
        Revision(story_id=story.id, scene_id=scene.id, number=n, cause=RevisionCause.DRAFT, text=f"Text {n}.", words=2)
        for n in (1, 2)
    ]
    async with store.transaction() as tx:
        await tx.stories.add_revisions(drafts)
        changes = {"status": SceneStatus.APPROVED, "revision_id": drafts[0].id, "words": 2}
        await tx.stories.save_scene(scene.model_copy(update=changes))
    async with store.reading() as tx:
        manuscript = await tx.stories.load_manuscript(story.id)
    assert [s.text for s in manuscript.chapters[0].scenes] == ["Text 1.", ""]
    assert manuscript.words == 2


async def test_only_what_the_approved_text_says_is_canon(store: Database) -> None:
    story, outline, _ = await add_story(store)
    scene = outline.scenes[0]
    ada = Character(story_id=story.id, number=1, name="Ada")
    run = Run(story_id=story.id)
    draft = {"story_id": story.id, "scene_id": scene.id, "run_id": run.id, "cause": RevisionCause.DRAFT}
    old, new = (Revision.model_validate({**draft, "number": n, "text": "t", "words": 1}) for n in (1, 2))
    async with store.transaction() as tx:
        await tx.runs.add(run)
        await tx.stories.add_revisions([old, new])
        await tx.stories.add_characters([ada])
        for revision in (old, new):
            said = f"says {revision.number}"
            await tx.canon.add_facts(
                [
                    Fact(
                        story_id=story.id,
                        scene_id=scene.id,
                        revision_id=revision.id,
                        subject="s",
                        statement=said,
                        valid_from=1,
                    )
                ]
            )
            state = CharacterState(
                story_id=story.id, character_id=ada.id, scene_number=1, revision_id=revision.id, place=said
            )
            await tx.canon.add_states([state])
        approved = {"status": SceneStatus.APPROVED, "revision_id": new.id}
        await tx.stories.save_scene(scene.model_copy(update=approved))
        await tx.canon.establish(scene.id, new.id)
    async with store.reading() as tx:
        assert [f.statement for f in await tx.canon.list_facts(story.id)] == ["says 2"]
        assert [f.status for f in await tx.canon.list_facts_of(old.id)] == [FactStatus.RETRACTED]
        assert [s.place for s in await tx.canon.list_states(story.id, 1)] == ["says 2"]
        assert await tx.canon.list_facts(story.id, as_of=0) == []


async def test_digests_come_in_story_order_and_stop_before_a_scene(store: Database) -> None:
    story, outline, _ = await add_story(store, scenes=3)
    async with store.transaction() as tx:
        for scene in outline.scenes:
            digest = SceneDigest(summary=f"sum {scene.number}")
            revision = Revision(
                story_id=story.id,
                scene_id=scene.id,
                number=1,
                cause=RevisionCause.DRAFT,
                text="t",
                words=1,
                digest=digest,
            )
            await tx.stories.add_revision(revision)
            changes = {"status": SceneStatus.APPROVED, "revision_id": revision.id}
            await tx.stories.save_scene(scene.model_copy(update=changes))
        digests = await tx.stories.list_digests(story.id, before=3)
    assert [(number, digest.summary) for number, digest in digests] == [(1, "sum 1"), (2, "sum 2")]


async def test_naughty_strings_come_back_as_they_went_in(store: Database) -> None:
    strings = json.loads(data_file("blns.json").read_text())
    async with store.transaction() as tx:
        for text in strings:
            story = Story(title=text, premise=text)
            await tx.stories.add(story)
            assert (await tx.stories.load(story.id)).title == story.title


async def test_an_unknown_story_is_not_found(store: Database) -> None:
    async with store.reading() as tx:
        with pytest.raises(NotFound, match="chorus stories"):
            await tx.stories.load(Story(title="x").id)
