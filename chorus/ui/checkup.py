"""The inspection of the house, done behind the pages: it takes seconds, and no page waits for it."""

import time
from concurrent.futures import Future
from threading import Lock

import streamlit as st

from chorus.inspection import Report, inspect
from chorus.ui.backend import backend

GOOD_FOR_S = 600.0


class Checkup:
    """The last report, and the inspection that is under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: Future[Report] | None = None
        self._report: Report | None = None
        self._made_at = 0.0

    def look(self) -> tuple[Report | None, bool]:
        """The last report, and whether a newer one is on its way; begins one if there is none or only an old one."""
        with self._lock:
            if self._under_way and self._under_way.done():
                self._report, self._under_way = self._under_way.result(), None
                self._made_at = time.monotonic()
            stale = self._report is None or time.monotonic() - self._made_at > GOOD_FOR_S
            if stale and self._under_way is None:
                self._under_way = backend().begin(inspect())
            return self._report, self._under_way is not None

    def again(self) -> None:
        """Let the next look begin anew."""
        with self._lock:
            self._made_at = -GOOD_FOR_S


@st.cache_resource(show_spinner=False)
def checkup() -> Checkup:
    """The checkup of this process; every session shares it."""
    return Checkup()
