import json
from uuid import uuid4

from chorus.agents import ContinuityEditor
from chorus.agents.continuity_editor import Check, Digest
from chorus.agents.prompts import continuity_editor as prompts
from chorus.domain.canon import Severity
from chorus.domain.context import ContextItem, ItemKind, StoryFrame
from chorus.domain.story import Chapter, Character, Revision, RevisionCause, Scene, SceneBrief, Story
from chorus.llm import CallSite, scripted_gateway
from chorus.memory import assemble

STORY = Story(title="T", premise="P")
CAST = (Character(story_id=STORY.id, number=1, name="Ada Moore"),)
FRAME = StoryFrame(story=STORY, characters=CAST)
SCENE = Scene(
    story_id=STORY.id, chapter_id=uuid4(), number=2, title="S", brief=SceneBrief(purpose="p", cast=("Ada Moore",))
)
TEXT = "Ada opened the blue door. Behind it stood Old Finch with a lamp. “You are late,” he said."
REVISION = Revision(story_id=STORY.id, scene_id=SCENE.id, number=1, cause=RevisionCause.DRAFT, text=TEXT, words=17)
CONTEXT = assemble([ContextItem(kind=ItemKind.SUMMARY, source="scene 1", text="The only door was red.")], 1000)
SITE = CallSite(STORY.id, None, 2, "scene/2/x")


def finding(quote: str, earlier: str, **more: str) -> dict[str, str]:
    given = {"category": "detail", "severity": "major", "problem": "The door changed its colour."}
    return {**given, "quote": quote, "earlier_quote": earlier, **more}


async def check(*findings: dict[str, str]) -> Check:
    gateway, _ = scripted_gateway({"coherence_check": json.dumps({"consistent": not findings, "findings": findings})})
    return await ContinuityEditor(gateway).check_scene(FRAME, CONTEXT, REVISION, SITE)


async def test_a_finding_keeps_the_exact_words_of_both_passages() -> None:
    (kept,) = (await check(finding("ADA opened the  blue door", "the only door was red"))).findings
    assert kept.quote == "Ada opened the blue door"
    assert kept.quote in TEXT
    assert kept.other_quote == "The only door was red"


async def test_a_finding_whose_quotes_are_not_there_is_dropped() -> None:
    found = await check(
        finding("Ada shut the door", "The only door was red"),
        finding("the blue door", "The only door was green"),
        finding("", ""),
        finding("the blue door", "The only door was red", problem=""),
        finding("the blue door", "The only door was red", problem="Ada opened the blue door."),
    )
    assert (found.findings, len(found.dropped)) == ((), 5)
    assert found.dropped[1] == "its earlier quote is not in what was told before"


async def test_a_quote_may_leave_something_out_and_is_still_exact() -> None:
    (kept,) = (await check(finding("... opened the blue door …", "“The only door was red!”"))).findings
    assert (kept.quote, kept.other_quote) == ("opened the blue door", "The only door was red")
    assert not (await check(finding("Ada ... door", "The only door was red"))).findings


async def test_a_pair_that_contradicts_is_a_minor_finding_with_whole_sentences() -> None:
    pairs = [{"pair": 1, "verdict": "contradiction"}, {"pair": 7, "verdict": "contradiction"}]
    answer = {"pairs": pairs, "consistent": True, "findings": []}
    gateway, _ = scripted_gateway({"coherence_check": json.dumps(answer)})
    found = await ContinuityEditor(gateway).check_scene(FRAME, CONTEXT, REVISION, SITE)
    (kept,) = found.findings
    assert (kept.quote, kept.other_quote) == ("Ada opened the blue door.", "The only door was red.")
    assert (kept.severity, found.dropped) == (Severity.MINOR, ())
    by_model = finding("the blue door", "The only door was red")
    gateway, _ = scripted_gateway({"coherence_check": json.dumps({**answer, "findings": [by_model]})})
    (kept,) = (await ContinuityEditor(gateway).check_scene(FRAME, CONTEXT, REVISION, SITE)).findings
    assert kept.severity is Severity.MAJOR, "what is said already is not said twice"


async def test_of_a_word_that_everything_contradicts_the_likeliest_pair_is_left() -> None:
    text = "Ada opened the blue door of the house. The lamp was out, and Ada saw nothing of the garden."
    told = "The only door of the house was red. A garden has walls, gates, paths, roses, and a pond with fish."
    context = assemble([ContextItem(kind=ItemKind.SUMMARY, source="scene 1", text=told)], 1000)
    revision = REVISION.model_copy(update={"text": text})

    async def kept(*verdicts: str) -> list[str]:
        pairs = [{"pair": number, "verdict": verdict} for number, verdict in enumerate(verdicts, 1)]
        answer = {"pairs": pairs, "consistent": False, "findings": []}
        gateway, _ = scripted_gateway({"coherence_check": json.dumps(answer)})
        found = await ContinuityEditor(gateway).check_scene(FRAME, context, revision, SITE)
        return [finding.quote.split()[0] for finding in found.findings]

    assert await kept("contradiction", "contradiction") == ["Ada"]
    assert await kept("none", "contradiction") == ["The"]


async def digest(**answer: object) -> Digest:
    whole = {"summary": "", "facts": [], "characters": [], "newcomers": [], "planted": [], "paid_off": [], **answer}
    gateway, _ = scripted_gateway({"digest_scene": json.dumps(whole)})
    return await ContinuityEditor(gateway).digest_scene(FRAME, SCENE, REVISION, [], SITE)


async def test_a_fact_has_its_evidence_as_a_span_of_the_text() -> None:
    read = await digest(
        facts=[
            {"subject": "door", "statement": "The door is blue.", "quote": "the blue door"},
            {"subject": "Finch", "statement": "Old Finch stood behind the door with a lamp.", "quote": "not there"},
            {"subject": "king", "statement": "The king is dead.", "quote": "long live the king"},
        ]
    )
    assert [fact.subject for fact in read.facts] == ["door", "Finch"]
    for fact in read.facts:
        assert TEXT[fact.span_start : fact.span_end] == fact.evidence
    assert read.facts[1].evidence == "Behind it stood Old Finch with a lamp."


async def test_a_fact_is_known_by_those_who_are_there() -> None:
    finch = Character(story_id=STORY.id, number=2, name="Old Finch")
    away = Character(story_id=STORY.id, number=3, name="Ilan Stone")
    people = tuple(character.name for character in (*CAST, finch, away))
    frame, planned = StoryFrame(story=STORY, characters=(*CAST, finch, away)), SceneBrief(purpose="p", cast=people)
    answer = {"summary": "", "facts": [{"subject": "door", "statement": "The door is blue.", "quote": "the blue door"}]}
    nothing: dict[str, object] = {"characters": [], "newcomers": [], "planted": [], "paid_off": []}
    gateway, _ = scripted_gateway({"digest_scene": json.dumps({**answer, **nothing})})
    scene = SCENE.model_copy(update={"brief": planned})
    read = await ContinuityEditor(gateway).digest_scene(frame, scene, REVISION, [], SITE)
    assert [fact.known_by for fact in read.facts] == [("Ada Moore", "Old Finch")]


async def test_states_are_of_the_cast_and_newcomers_are_in_the_text() -> None:
    state = {"place": "hall", "condition": "tired", "goal": "rest", "alive": True}
    read = await digest(
        characters=[{"name": "ada", **state}, {"name": "Nobody", **state}, {"name": "Ada Moore", **state}],
        newcomers=[{"name": "Old Finch", "description": "a watchman"}, {"name": "Zog", "description": "?"}],
    )
    assert [s.character_id for s in read.states] == [CAST[0].id]
    assert [(n.name, n.is_told_of) for n in read.digest.newcomers] == [("Old Finch", False)]
    assert read.digest.summary == "Ada opened the blue door. Behind it stood Old Finch with a lamp."


async def test_somebody_new_stands_somewhere_and_is_not_dead_unless_the_text_says_so() -> None:
    state = {"place": "by the door", "condition": "cold", "goal": "to rest", "alive": False}
    read = await digest(
        characters=[{"name": "Finch", **state}], newcomers=[{"name": "Old Finch", "description": "a watchman"}]
    )
    (finch,) = read.digest.newcomers
    assert (finch.name, finch.place, finch.condition, finch.goal) == ("Old Finch", "by the door", "cold", "to rest")
    assert finch.alive
    assert read.states == ()


async def test_a_chapter_without_an_answer_keeps_its_plan() -> None:
    gateway, _ = scripted_gateway({"integrate_chapters": '{"chapters": [{"title": "", "summary": ""}]}'})
    chapter = Chapter(story_id=STORY.id, number=1, title="The Door")
    (done,) = await ContinuityEditor(gateway).integrate_chapters("English", [(chapter, ["Ada came home."])], SITE)
    assert (done.title, done.summary) == ("The Door", "Ada came home.")


async def test_chapters_are_answered_together_each_with_a_title_of_its_own() -> None:
    answer = {"chapters": [{"title": "Ink", "summary": "She wrote."}, {"title": "Ink", "summary": "He read."}]}
    gateway, _ = scripted_gateway({"integrate_chapters": json.dumps(answer)})
    planned = [Chapter(story_id=STORY.id, number=n, title=title) for n, title in enumerate(("A", "B", "C"), 1)]
    done = await ContinuityEditor(gateway).integrate_chapters("English", [(c, ["It rained."]) for c in planned], SITE)
    assert [(c.title, c.summary) for c in done] == [("Ink", "She wrote."), ("B", "He read."), ("C", "It rained.")]


async def test_a_fact_is_known_by_those_who_learn_it_in_the_scene() -> None:
    ben, cleo = (Character(story_id=STORY.id, number=n, name=name) for n, name in ((2, "Ben Hale"), (3, "Cleo")))
    frame = StoryFrame(story=STORY, characters=(*CAST, ben, cleo))
    scene = SCENE.model_copy(update={"brief": SceneBrief(purpose="p", cast=("Ada Moore", "Ben Hale"))})

    async def knowers(*named: str) -> tuple[str, ...]:
        fact = {"subject": "door", "statement": "is blue", "quote": "the blue door", "known_by": list(named)}
        whole = {"summary": "", "facts": [fact], "characters": [], "newcomers": [], "planted": [], "paid_off": []}
        gateway, _ = scripted_gateway({"digest_scene": json.dumps(whole)})
        read = await ContinuityEditor(gateway).digest_scene(frame, scene, REVISION, [], SITE)
        assert read.facts[0].statement == "Door is blue"
        return read.facts[0].known_by

    assert await knowers("Ben") == ("Ben Hale",)
    assert await knowers() == await knowers("Cleo", "Zog") == ("Ada Moore",), "the text names her alone"


async def test_a_tie_has_its_evidence_in_the_text() -> None:
    ben = Character(story_id=STORY.id, number=2, name="Ben")
    tie = {"name": "Ada", "other": "Ben", "tie": "his judge", "quote": "you are  late"}
    whole = {"summary": "", "facts": [], "characters": [], "newcomers": [], "planted": [], "paid_off": []}
    ties = [tie, {**tie, "quote": "not there"}]
    gateway, _ = scripted_gateway({"digest_scene": json.dumps({**whole, "ties": ties})})
    frame = StoryFrame(story=STORY, characters=(*CAST, ben))
    (found,) = (await ContinuityEditor(gateway).digest_scene(frame, SCENE, REVISION, [], SITE)).digest.ties
    assert (found.name, found.other, found.kind, found.evidence) == ("Ada Moore", "Ben", "his judge", "You are late")


def test_a_story_without_a_cast_is_not_told_that_it_has_none() -> None:
    assert "The characters of the story: Ada Moore." in prompts.digest(FRAME, SCENE, TEXT, [], 2).user
    assert "The characters of the story" not in prompts.digest(StoryFrame(story=STORY), SCENE, TEXT, [], 2).user
