"""A story as one JSON document: its plan, its text and its canon, as they are kept."""

import json

from chorus.domain.report import threads_of
from chorus.domain.value import Value
from chorus.export.bundle import StoryBundle


def to_json(bundle: StoryBundle) -> str:
    """Tell everything: story, chapters, scenes with texts, cast, relationships, world, facts, threads, the report."""
    texts = {scene.number: scene.text for chapter in bundle.manuscript.chapters for scene in chapter.scenes}
    document = {
        "story": bundle.story.model_dump(mode="json"),
        "chapters": _all(bundle.outline.chapters),
        "scenes": [
            {**scene.model_dump(mode="json"), "text": texts.get(scene.number, "")} for scene in bundle.outline.scenes
        ],
        "characters": _all(bundle.characters),
        "relationships": _all(bundle.relationships),
        "world": _all(bundle.world),
        "facts": _all(bundle.facts),
        "threads": _all(tuple(threads_of(bundle.outline))),
        "report": bundle.report.model_dump(mode="json") if bundle.report else None,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _all(values: tuple[Value, ...]) -> list[object]:
    return [value.model_dump(mode="json") for value in values]
