"""Taking an experiment away: the report and every table, made when somebody presses a button and not before."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from chorus.experiments.files import MEDIA_TYPES, SUFFIXES, Format
from chorus.export import file_stem
from chorus.ui.backend import Backend, backend

FILE_S = 120.0
_SAID: dict[Format, str] = {
    "html": "Report, one web page",
    "csv": "CSV, a row for each story",
    "parquet": "Parquet, a row for each story",
    "jsonl": "JSON lines, a row for each story",
    "otlp": "OTLP JSON, every call",
}


def take_away(experiment_id: UUID, name: str) -> None:
    """Offer an experiment as a file in every format."""
    with st.popover("Take it away", icon=":material/download:", key="take-away"):
        for to, said in _SAID.items():
            st.download_button(
                said,
                _content(backend(), experiment_id, to),
                f"{file_stem(name)}{SUFFIXES[to]}",
                MEDIA_TYPES[to],
                key=f"take-{to}",
                on_click="ignore",
                type="tertiary",
                width="stretch",
            )


def _content(house: Backend, experiment_id: UUID, to: Format) -> Callable[[], bytes]:
    """Make the file when it is asked for, of what is there then; the page's own script does not wait for it."""

    def make() -> bytes:
        outcome = house.run(lambda studio: studio.read_outcome(experiment_id), FILE_S)
        return house.run(lambda studio: studio.file_of(outcome, to), FILE_S)

    return make
