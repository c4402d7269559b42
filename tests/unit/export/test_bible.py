"""The report on a story, and its bible in every format."""

import json
from uuid import uuid4

import pytest

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.report import report_on
from chorus.domain.story import (
    Chapter,
    Character,
    CharacterRole,
    CharacterState,
    Manuscript,
    Origin,
    Outline,
    Relationship,
    Scene,
    SceneBrief,
    SceneStatus,
    Story,
    WorldElement,
    WorldElementKind,
)
from chorus.domain.wording import wording_of
from chorus.export import EXPORTERS, StoryBundle
from chorus.export.bible import bible_of

STORY = Story(title="The Lamp", premise="A keeper finds a letter.", avoid=("gore",))
CHAPTER = Chapter(story_id=STORY.id, number=1, title="Autumn")
ILAN, MARA = (
    Character(story_id=STORY.id, number=n, name=name, role=CharacterRole.ALLY, want="To leave.")
    for n, name in enumerate(["Ilan", "Mara"], 1)
)


def scene(number: int, words: int, **brief: object) -> Scene:
    return Scene(
        story_id=STORY.id,
        chapter_id=CHAPTER.id,
        number=number,
        title=f"S{number}",
        brief=SceneBrief.model_validate({"purpose": f"Event {number}.", "target_words": 100, **brief}),
        status=SceneStatus.APPROVED,
        revision_id=uuid4(),
        words=words,
    )


OUTLINE = Outline(
    chapters=(CHAPTER,),
    scenes=(
        scene(1, 104, plants=("Who wrote it?", "Why now?"), cast=("Ilan",)),
        scene(2, 130, payoffs=("Who wrote it?",), cast=("Ilan", "Mara"), place="The shore", story_time="Dawn"),
    ),
)
REPORT = report_on(
    OUTLINE,
    [ILAN, MARA],
    [CharacterState(story_id=STORY.id, character_id=ILAN.id, scene_number=0, goal="To leave.")],
    [CharacterState(story_id=STORY.id, character_id=ILAN.id, scene_number=2, goal="To stay.", condition="Wet.")],
    [(1, "Is the boat lost?")],
    [],
)
BUNDLE = StoryBundle(
    story=STORY,
    manuscript=Manuscript(
        story_id=STORY.id, title="The Lamp", premise="", language="English", origin=Origin.WRITTEN, chapters=()
    ),
    outline=OUTLINE,
    characters=(ILAN, MARA),
    relationships=(Relationship(story_id=STORY.id, character_id=MARA.id, other_id=ILAN.id, kind="His sister."),),
    world=(WorldElement(story_id=STORY.id, number=1, kind=WorldElementKind.PLACE, name="The shore", description=""),),
    facts=(Fact(story_id=STORY.id, subject="The key", statement="It is iron.", status=FactStatus.ESTABLISHED),),
    report=REPORT,
)


def test_a_report_tells_length_threads_arcs_and_what_is_left() -> None:
    assert (REPORT.book.words, REPORT.book.target, REPORT.book.is_met) == (234, 200, False)
    assert [(length.scene, length.is_met) for length in REPORT.lengths] == [(1, True), (2, False)]
    assert [(t.question, t.opened, t.answered) for t in REPORT.threads] == [
        ("Who wrote it?", 1, 2),
        ("Why now?", 1, None),
    ]
    assert [(arc.name, arc.scenes, arc.first_goal, arc.last_goal) for arc in REPORT.arcs] == [
        ("Ilan", (1, 2), "To leave.", "To stay."),
        ("Mara", (2,), "To leave.", ""),
    ]
    assert REPORT.words == (
        "2 of 2 scenes, 234 words of 200, 1 scene(s) far from their length, 1 of 2 threads paid off, "
        "1 question(s) left open, 0 open finding(s)."
    )


def test_a_bible_has_everything_that_holds_and_no_empty_part() -> None:
    bible = bible_of(BUNDLE)
    parts = {chapter.title: {entry.title: entry.text for entry in chapter.scenes} for chapter in bible.chapters}
    assert list(parts) == ["The story", "The world", "The cast", "Relations", "Threads", "Timeline", "Canon"]
    assert "To avoid: gore" in parts["The story"]["Manner"]
    assert "At the end: Wet. Wants: To stay." in parts["The cast"]["Ilan (ally)"]
    assert parts["Relations"] == {"Mara – Ilan": "His sister."}
    assert parts["Threads"]["Why now?"] == "Opened in scene 1. Answered by no scene."
    assert parts["Timeline"]["2. S2"] == "Dawn, The shore\n\nEvent 2.\n\nPresent: Ilan, Mara"
    assert parts["Canon"]["The key"] == "It is iron. (from scene 0)"
    empty = bible_of(StoryBundle(story=STORY, manuscript=BUNDLE.manuscript, outline=Outline(chapters=(), scenes=())))
    assert [chapter.title for chapter in empty.chapters] == ["The story"]


def test_a_bible_says_how_the_story_stands() -> None:
    standing = bible_of(BUNDLE).chapters[0].scenes[-1]
    assert standing.text.split("\n\n") == [
        "Scenes: 2 of 2",
        "Words: 234 of 200",
        "Far from their length: 2",
        "Threads paid off: 1 of 2",
        "Questions left open: 1",
        "Open findings: 0",
    ]


@pytest.mark.parametrize(
    ("language", "title", "threads", "contents"),
    [
        ("German", "die Bibel", "Handlungsfäden", "Inhalt"),
        ("français", "la bible", "Fils narratifs", "Table des matières"),
        ("es", "la biblia", "Hilos narrativos", "Índice"),
        ("Italian", "la bibbia", "Fili narrativi", "Indice"),
        ("Brazilian Portuguese", "a bíblia", "Fios narrativos", "Índice"),
        ("Dutch", "de bijbel", "Verhaallijnen", "Inhoud"),
        ("Klingon", "the bible", "Threads", "Contents"),
    ],
)
def test_headings_are_in_the_language_of_the_story(language: str, title: str, threads: str, contents: str) -> None:
    bundle = BUNDLE.model_copy(update={"story": STORY.model_copy(update={"language": language})})
    page = EXPORTERS["html"].render_bible(bundle).decode()
    assert f"The Lamp: {title}</h1>" in page
    assert f">{threads}</h2>" in page
    assert f"<h2>{contents}</h2>" in page


def test_every_role_and_kind_has_a_word_in_every_language() -> None:
    for word in (*CharacterRole, *WorldElementKind):
        assert wording_of("German")[word]


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_every_format_sets_a_bible(name: str) -> None:
    content = EXPORTERS[name].render_bible(BUNDLE)
    assert content
    if name == "md":
        assert "## Threads\n\n### Who wrote it?\n\nOpened in scene 1. Answered in scene 2." in content.decode()
    if name == "json":
        document = json.loads(content)
        assert document["report"]["book"]["words"] == 234
        assert document["threads"][0] == {"question": "Who wrote it?", "opened": 1, "answered": 2}
