"""The formats a story can be exported to; a new format is a module here and one line in ``EXPORTERS``."""

from collections.abc import Callable
from dataclasses import dataclass

from chorus.errors import InvalidInput
from chorus.export.bundle import StoryBundle
from chorus.export.json_document import to_json
from chorus.export.markdown import to_markdown


@dataclass(frozen=True)
class Exporter:
    """One format: ``render`` gives the bytes of the file."""

    suffix: str
    media_type: str
    is_text: bool
    render: Callable[[StoryBundle], bytes]


EXPORTERS: dict[str, Exporter] = {
    "md": Exporter(".md", "text/markdown; charset=utf-8", True, lambda bundle: to_markdown(bundle.manuscript).encode()),
    "json": Exporter(".json", "application/json", True, lambda bundle: to_json(bundle).encode()),
}


def find_exporter(name: str) -> Exporter:
    """Return the exporter of a format, or raise InvalidInput that names those there are."""
    exporter = EXPORTERS.get(name.lower().lstrip("."))
    if exporter is None:
        raise InvalidInput(f"There is no export to “{name}”: choose {' or '.join(EXPORTERS)}.")
    return exporter
