"""Which facts another plan puts at stake: those it no longer speaks of, and no others."""

from uuid import uuid4

import pytest

from chorus.domain.canon import Fact
from chorus.domain.edit import Verdict
from chorus.domain.story import Scene, SceneBrief
from chorus.editing.outline_effects import facts_at_stake

STORY = uuid4()
BRIEF = SceneBrief(
    purpose="Ilan finds a sealed letter under the lamp.",
    beats=("he breaks the seal", "he reads his own name aloud"),
    cast=("Ilan", "Jo"),
    place="the lamp room",
    exit="Ilan knows that somebody waits for him.",
)
SCENE = Scene(story_id=STORY, chapter_id=uuid4(), number=3, title="The letter", brief=BRIEF)


def fact(subject: str, statement: str) -> Fact:
    return Fact(story_id=STORY, number=1, subject=subject, statement=statement, valid_from=3)


LETTER = fact("the letter", "The letter is addressed to Ilan.")
HIDES = fact("Ilan", "Ilan keeps the letter in his coat.")
JO = fact("Jo", "Jo limps.")
SEA = fact("the sea", "The sea was quiet.")


@pytest.mark.parametrize(
    ("changes", "at_stake"),
    [
        ({"purpose": "Ilan finds a sealed map under the lamp."}, [LETTER, HIDES]),
        ({"cast": ("Ilan",)}, [JO]),
        ({"target_words": 900}, []),
        ({"beats": (*BRIEF.beats, "he puts it away")}, []),
        ({"purpose": "A boat comes.", "beats": ("it lands",), "exit": "Nobody is aboard."}, [LETTER, HIDES, JO, SEA]),
    ],
)
def test_facts_of_which_the_plan_no_longer_speaks_are_at_stake(
    changes: dict[str, object], at_stake: list[Fact]
) -> None:
    now = BRIEF.model_copy(update=changes)
    found = facts_at_stake(SCENE, now, [LETTER, HIDES, JO, SEA])
    assert [each.before for each in found] == at_stake
    assert all(each.verdict is Verdict.AT_STAKE and each.after == each.before and each.reason for each in found)


def test_a_common_word_counts_where_a_fact_is_about_it() -> None:
    now = BRIEF.model_copy(update={"purpose": "Ilan finds a sealed map under the lamp."})
    found = facts_at_stake(SCENE, now, [LETTER, HIDES], frozenset({"letter"}))
    assert [each.before for each in found] == [LETTER]


def test_all_facts_of_a_scene_that_goes_are_at_stake() -> None:
    assert len(facts_at_stake(SCENE, None, [LETTER, SEA])) == 2
