"""The cause of a passage: who wrote it, what it was told, where each paragraph comes from; and links that break."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from chorus.domain.canon import Finding, FindingCategory, Severity
from chorus.domain.story import Revision, RevisionCause
from chorus.domain.words import count_words
from chorus.store import Database
from chorus.ui.origin import origins
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import call_of, seed_tale
from tests.pages.tales import THE_TIDE_LEDGER

type Seed = Callable[[Callable[[Database], Any]], Any]

STORY = uuid4()
MANIFEST = {
    "budget_tokens": 4000,
    "used_tokens": 60,
    "items": [
        {
            "kind": "memory",
            "source": "scene 1",
            "score": 0.8125,
            "rank": 1,
            "legs": {"vector_rank": 2, "lexical_rank": 1},
            "tokens": 40,
            "included": True,
            "reason": "recalled",
            "text": "It cost $5 and $6, <b>she</b> said :red[x].",
        },
        {"kind": "world", "source": "world: Salt", "tokens": 900, "included": False, "reason": "no room", "text": ""},
    ],
}


def test_a_passage_tells_its_cause(open_page: Open, seed: Seed) -> None:
    story_id = seed(with_a_past)
    page = open_page("read", story_id=story_id, scene=2, desk="cause")
    shown = markup_of(page)
    assert not page.exception
    assert "on top of a text for which <b>Scene Generator</b> drafted it with <b>claude-sonnet-4</b>" in shown
    assert "It cost $5 and $6, &lt;b&gt;she&lt;/b&gt; said :red[x]." in shown
    assert "score 0.812, no. 1 · no. 2 by meaning · no. 1 by its words" in shown
    assert "1 item left out, and why" in shown
    assert "the lamp &lt;i&gt;was&lt;/i&gt; green" in shown
    assert "Edited by a person, text 3" in shown
    assert f'<a href="read?story_id={story_id}&amp;scene=2&amp;desk=cause&amp;text=2">' in shown
    assert "desk=cause&amp;text=3" not in shown
    assert page.selectbox[0].value == 3
    page.selectbox[0].select(1).run()
    assert page.query_params["text"] == "1"
    assert "Edited by a person, text" not in markup_of(page)


def test_a_scene_without_a_text_says_so(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER, done=1))
    page = open_page("read", story_id=story_id, scene=3, desk="cause")
    assert not page.exception
    assert "still to be written" in markup_of(page)


def test_a_scene_that_is_not_there_is_missing(open_page: Open, seed: Seed) -> None:
    story_id = seed(lambda database: seed_tale(database, THE_TIDE_LEDGER))
    page = open_page("read", story_id=story_id, scene=99, desk="cause")
    assert "missing from the book" in markup_of(page)
    assert "What the Water Owes" in markup_of(open_page("read", story_id=story_id, scene=1, desk="nonsense"))


def test_paragraphs_are_traced_to_the_text_in_which_they_began() -> None:
    first = text_of("One.\n\nTwo.\n\nThree.", 1)
    second = text_of("One.\n\nTwo, else.\n\nThree.", 2, first)
    third = text_of("One.\n\nTwo.\n\nThree, else.", 3, second)
    told = [(block, since.number) for block, since in origins(third, [first, second, third])]
    assert told == [("One.", 1), ("Two.", 3), ("Three, else.", 3)]


def text_of(text: str, number: int, parent: Revision | None = None) -> Revision:
    return Revision(
        story_id=STORY,
        scene_id=STORY,
        number=number,
        parent_id=parent.id if parent else None,
        cause=RevisionCause.EDIT if parent else RevisionCause.DRAFT,
        text=text,
        words=count_words(text),
    )


async def with_a_past(database: Database) -> UUID:
    """Scene 2 is drafted by a model that was told a memory, and edited by a person; something was found in it."""
    story_id = await seed_tale(database, THE_TIDE_LEDGER)
    async with database.transaction() as tx:
        run = await tx.runs.find_latest(story_id)
        scene = await tx.stories.load_scene(story_id, 2)
        assert run is not None
        assert scene.revision_id is not None
        drafted = await tx.stories.load_revision(scene.revision_id)
        call = call_of(run, "scene_generator", 2, drafted.created_at, random.Random(1), manifest=MANIFEST)  # noqa: S311
        await tx.calls.open(call)
        texts = {"text": drafted.text, "words": drafted.words, "story_id": story_id, "scene_id": scene.id}
        again = Revision(**texts, number=2, cause=RevisionCause.DRAFT, call_id=call.id)
        edited = f"A person wrote this.\n\n{drafted.text}"
        changed = {"text": edited, "words": count_words(edited), "number": 3, "parent_id": again.id}
        edit = Revision(**texts | changed, cause=RevisionCause.EDIT)
        await tx.stories.add_revisions([again, edit])
        await tx.stories.save_scene(scene.model_copy(update={"revision_id": edit.id}))
        quotes = {"quote": "A person wrote this.", "other_quote": "the lamp <i>was</i> green", "other_scene": 1}
        kind = {"category": FindingCategory.DETAIL, "severity": Severity.MAJOR, "description": "Who wrote it?"}
        await tx.canon.add_findings(
            [Finding(story_id=story_id, scene_id=scene.id, revision_id=edit.id, **quotes, **kind)]
        )
    return story_id
