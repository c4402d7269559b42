"""Who knows what, and what people are to one another, from scene to scene."""

import json

from chorus.domain.run import ReviewMode, RunStatus
from chorus.domain.story import Relationship
from chorus.domain.ties import holds
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
TEXT = "Ann read the letter by the lamp and hid it in the clock. Bo stood at the door. “I trust you no more,” said Ann."
CALM = '{"consistent": true, "findings": []}'
CASTS = [("Ann", "Bo"), ("Ann", "Bo"), ("Ann",), ("Ann", "Bo")]


def digest(**more: object) -> str:
    fact = {"subject": "letter", "statement": "The letter is hidden in the clock.", "quote": "hid it in the clock"}
    whole = {"summary": "Ann hides it.", "characters": [], "newcomers": [], "planted": [], "paid_off": []}
    return json.dumps({**whole, "facts": [{**fact, "known_by": ["Ann"]}], **more})


async def test_a_scene_is_told_who_does_not_know_and_what_people_have_become(studio_at: Open) -> None:
    tie = {"name": "Ann", "other": "Bo", "tie": "his accuser", "quote": "I trust you no more"}
    digests = [digest(), digest(ties=[tie]), digest(), digest()]
    says = {"": [TEXT] * 9, "DigestAnswer": digests, "CheckAnswer": [CALM] * 9}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=4, words=50, review=ReviewMode.OUTLINE)
            paused = await studio.write_story(PREMISE, settings=settings)
            async with studio.store.transaction() as tx:
                people = await tx.stories.list_characters(paused.story_id)
                named = [who.model_copy(update={"name": name}) for who, name in zip(people, CASTS[0], strict=False)]
                await tx.stories.save_characters(named)
                for tie_before in await tx.stories.list_relationships(paused.story_id):
                    await tx.stories.remove_relationship(tie_before.id)
                await tx.stories.add_relationships(
                    [Relationship(story_id=p.story_id, character_id=p.id, other_id=named[1].id, kind="his friend")
                     for p in named[:1]]
                )  # fmt: skip
                for scene, cast in zip((await tx.stories.load_outline(paused.story_id)).scenes, CASTS, strict=True):
                    brief = scene.brief.model_copy(update={"cast": cast, "target_words": 0})
                    await tx.stories.save_scene(scene.model_copy(update={"brief": brief}))
            await studio.approve(paused.run_id)
            assert (await studio.work_on(paused.run_id)).status is RunStatus.COMPLETE
            async with studio.store.reading() as tx:
                ties = await tx.stories.list_relationships(paused.story_id)
                facts = await tx.canon.list_facts(paused.story_id)
                calls = await tx.calls.list_of(paused.story_id)
            told = {c.scene_number: json.dumps(c.manifest) for c in calls if c.node == "draft_scene"}
            forked = (await studio.fork(paused.story_id, 1)).story
            async with studio.store.reading() as tx:
                copied = await tx.stories.list_relationships(forked.id)
    assert {fact.known_by for fact in facts} == {("Ann",)}
    assert [[tie.kind for tie in ties if holds(tie, n)] for n in (0, 1, 2, 4)] == [
        ["his friend"], ["his friend"], ["his accuser"], ["his accuser"]
    ]  # fmt: skip
    assert [tie.kind for tie in copied if holds(tie, 4)] == ["his friend"]
    assert "To Bo, Ann is his friend." in told[2]
    assert "To Bo, Ann is his accuser." in told[4]
    assert "(Known to Ann.)" in told[4]
    assert "Known to" not in told[3]
