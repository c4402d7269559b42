"""A story's bible, set as a book so that every format has it: world, cast, relations, threads, timeline, canon."""

from collections.abc import Iterable, Iterator

from chorus.domain.report import threads_of
from chorus.domain.story import Character, Scene
from chorus.export.book import Book, BookChapter, BookScene, one_line
from chorus.export.bundle import StoryBundle

type Entry = tuple[str, Iterable[str]]
"""A heading and the paragraphs under it."""


def bible_of(bundle: StoryBundle) -> Book:
    """Make a book of everything that holds in a story; a part about which nothing is known is left out."""
    parts: list[tuple[str, Iterator[Entry]]] = [
        ("The story", _story(bundle)),
        ("The world", _world(bundle)),
        ("The cast", _cast(bundle)),
        ("Relations", _relations(bundle)),
        ("Threads", _threads(bundle)),
        ("Timeline", _timeline(bundle)),
        ("Canon", _canon(bundle)),
    ]
    chapters: list[BookChapter] = []
    for title, entries in parts:
        scenes = [
            BookScene(number=number, title=one_line(heading), has_heading=True, text=text)
            for number, (heading, text) in enumerate(_texts(entries), 1)
        ]
        if scenes:
            chapter = BookChapter(number=len(chapters) + 1, title=title, has_heading=True, scenes=tuple(scenes))
            chapters.append(chapter)
    return Book(
        title=f"{one_line(bundle.story.title) or 'Untitled'}: the bible",
        language=bundle.story.language,
        chapters=tuple(chapters),
    )


def _texts(entries: Iterator[Entry]) -> Iterator[tuple[str, str]]:
    for heading, paragraphs in entries:
        if text := "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip()):
            yield heading, text


def _story(bundle: StoryBundle) -> Iterator[Entry]:
    story = bundle.story
    yield "Premise", [story.premise]
    yield "Manner", [_named("Language", story.language), _named("Style", story.style), *_avoided(bundle)]
    if bundle.report:
        yield "How it stands", [bundle.report.words]


def _avoided(bundle: StoryBundle) -> list[str]:
    return [_named("To avoid", "; ".join(bundle.story.avoid))]


def _world(bundle: StoryBundle) -> Iterator[Entry]:
    for element in bundle.world:
        yield f"{element.name} ({element.kind.value})", [element.description or "Nothing more is known."]


def _cast(bundle: StoryBundle) -> Iterator[Entry]:
    for character in bundle.characters:
        yield (
            f"{character.name} ({character.role.value})",
            [
                character.description,
                _named("Also called", ", ".join(character.aliases)),
                _named("Wants", character.want),
                _named("Flaw", character.flaw),
                _named("Speaks", character.voice),
                *_arc(bundle, character),
            ],
        )


def _arc(bundle: StoryBundle, character: Character) -> list[str]:
    arc = next((arc for arc in bundle.report.arcs if arc.name == character.name), None) if bundle.report else None
    if arc is None:
        return []
    ends = " ".join(part for part in (arc.last_condition, _named("Wants", arc.last_goal)) if part)
    return [
        _named("In scenes", ", ".join(map(str, arc.scenes))),
        _named("At the end", ends if arc.alive else f"dead. {ends}".strip()),
    ]


def _relations(bundle: StoryBundle) -> Iterator[Entry]:
    names = {character.id: character.name for character in bundle.characters}
    for tie in bundle.relationships:
        if tie.character_id in names and tie.other_id in names:
            until = f" to {tie.valid_to}" if tie.valid_to is not None else ""
            since = f"From scene {tie.valid_from}{until}." if tie.valid_from or until else ""
            heading = f"{names[tie.character_id]} and {names[tie.other_id]}"
            yield heading, [tie.kind, tie.description, since]


def _threads(bundle: StoryBundle) -> Iterator[Entry]:
    for thread in threads_of(bundle.outline):
        opened = f"Opened in scene {thread.opened}." if thread.opened else "Opened by no scene."
        answered = f"Answered in scene {thread.answered}." if thread.answered else "Answered by no scene."
        yield thread.question, [f"{opened} {answered}"]
    if bundle.report:
        yield "Left open by the text", [f"Scene {number}: {question}" for number, question in bundle.report.questions]


def _timeline(bundle: StoryBundle) -> Iterator[Entry]:
    for scene in bundle.outline.scenes:
        yield f"{scene.number}. {scene.title}", _happening(scene)


def _happening(scene: Scene) -> list[str]:
    brief = scene.brief
    where = ", ".join(part for part in (brief.story_time, brief.place) if part)
    return [where, scene.summary or brief.purpose, _named("Present", ", ".join(brief.cast)), _named("Then", brief.exit)]


def _canon(bundle: StoryBundle) -> Iterator[Entry]:
    by_subject: dict[str, list[str]] = {}
    for fact in bundle.facts:
        until = f" to {fact.valid_to}" if fact.valid_to is not None else ""
        by_subject.setdefault(fact.subject, []).append(f"{fact.statement} (from scene {fact.valid_from}{until})")
    yield from by_subject.items()


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if value else ""
