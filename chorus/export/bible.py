"""A story's bible, set as a book so that every format has it: world, cast, relations, threads, timeline, canon."""

from collections.abc import Iterable, Iterator

from chorus.domain.report import StoryReport, threads_of
from chorus.domain.story import Character, Scene
from chorus.domain.wording import Wording, wording_of
from chorus.export.book import Book, BookChapter, BookScene, one_line
from chorus.export.bundle import StoryBundle

type Entry = tuple[str, Iterable[str]]
"""A heading and the paragraphs under it."""


def bible_of(bundle: StoryBundle) -> Book:
    """Make a book of everything that holds in a story, with headings in its language; what is not known is left out."""
    words = wording_of(bundle.story.language)
    parts: list[tuple[str, Iterator[Entry]]] = [
        ("The story", _story(bundle, words)),
        ("The world", _world(bundle, words)),
        ("The cast", _cast(bundle, words)),
        ("Relations", _relations(bundle, words)),
        ("Threads", _threads(bundle, words)),
        ("Timeline", _timeline(bundle, words)),
        ("Canon", _canon(bundle, words)),
    ]
    chapters: list[BookChapter] = []
    for title, entries in parts:
        scenes = [
            BookScene(number=number, title=one_line(heading), has_heading=True, text=text)
            for number, (heading, text) in enumerate(_texts(entries), 1)
        ]
        if scenes:
            number = len(chapters) + 1
            chapters.append(BookChapter(number=number, title=words[title], has_heading=True, scenes=tuple(scenes)))
    return Book(
        title=f"{one_line(bundle.story.title) or words['Untitled']}: {words['the bible']}",
        language=bundle.story.language,
        chapters=tuple(chapters),
    )


def _texts(entries: Iterator[Entry]) -> Iterator[tuple[str, str]]:
    for heading, paragraphs in entries:
        if text := "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip()):
            yield heading, text


def _story(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    story = bundle.story
    yield words["Premise"], [story.premise]
    yield (
        words["Manner"],
        [
            _named(words["Language"], story.language),
            _named(words["Style"], story.style),
            _named(words["To avoid"], "; ".join(story.avoid)),
        ],
    )
    if bundle.report:
        yield words["How it stands"], _standing(bundle.report, words)


def _standing(report: StoryReport, words: Wording) -> list[str]:
    of = words["{} of {}"].format
    whole, off = sum(thread.is_whole for thread in report.threads), [n.scene for n in report.lengths if not n.is_met]
    told = of(report.book.words, report.book.target) if report.book.target else str(report.book.words)
    return [
        _named(words["Scenes"], of(report.scenes, report.scenes_planned)),
        _named(words["Words"], told),
        _named(words["Far from their length"], ", ".join(map(str, off))),
        _named(words["Threads paid off"], of(whole, len(report.threads)) if report.threads else ""),
        _named(words["Questions left open"], str(len(report.questions))),
        _named(words["Open findings"], str(sum(report.findings.values()))),
    ]


def _world(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    for element in bundle.world:
        yield f"{element.name} ({words[element.kind]})", [element.description or words["Nothing more is known."]]


def _cast(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    for character in bundle.characters:
        yield (
            f"{character.name} ({words[character.role]})",
            [
                character.description,
                _named(words["Also called"], ", ".join(character.aliases)),
                _named(words["Wants"], character.want),
                _named(words["Flaw"], character.flaw),
                _named(words["Speaks"], character.voice),
                *_arc(bundle, character, words),
            ],
        )


def _arc(bundle: StoryBundle, character: Character, words: Wording) -> list[str]:
    arc = next((arc for arc in bundle.report.arcs if arc.name == character.name), None) if bundle.report else None
    if arc is None:
        return []
    ends = ". ".join(part for part in (arc.last_condition.rstrip("."), _named(words["Wants"], arc.last_goal)) if part)
    return [
        _named(words["In scenes"], ", ".join(map(str, arc.scenes))),
        _named(words["At the end"], ends if arc.alive else f"{words['dead']}. {ends}".strip()),
    ]


def _relations(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    names = {character.id: character.name for character in bundle.characters}
    for tie in bundle.relationships:
        if tie.character_id in names and tie.other_id in names:
            since = words["From scene {}."].format(tie.valid_from) if tie.valid_from else ""
            if tie.valid_to is not None:
                since = words["From scene {} to {}."].format(tie.valid_from, tie.valid_to)
            yield f"{names[tie.character_id]} – {names[tie.other_id]}", [tie.kind, tie.description, since]


def _threads(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    for thread in threads_of(bundle.outline):
        opened = words["Opened in scene {}." if thread.opened else "Opened by no scene."].format(thread.opened)
        answered = words["Answered in scene {}." if thread.answered else "Answered by no scene."].format(
            thread.answered
        )
        yield thread.question, [f"{opened} {answered}"]
    if bundle.report:
        left = [f"{words['Scene']} {number}: {question}" for number, question in bundle.report.questions]
        yield words["Left open by the text"], left


def _timeline(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    for scene in bundle.outline.scenes:
        yield f"{scene.number}. {scene.title}", _happening(scene, words)


def _happening(scene: Scene, words: Wording) -> list[str]:
    brief = scene.brief
    where = ", ".join(part for part in (brief.story_time, brief.place) if part)
    present, then = _named(words["Present"], ", ".join(brief.cast)), _named(words["Then"], brief.exit)
    return [where, scene.summary or brief.purpose, present, then]


def _canon(bundle: StoryBundle, words: Wording) -> Iterator[Entry]:
    by_subject: dict[str, list[str]] = {}
    for fact in bundle.facts:
        since = words["from scene {}"].format(fact.valid_from)
        if fact.valid_to is not None:
            since = words["from scene {} to {}"].format(fact.valid_from, fact.valid_to)
        by_subject.setdefault(fact.subject, []).append(f"{fact.statement} ({since})")
    yield from by_subject.items()


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if value else ""
