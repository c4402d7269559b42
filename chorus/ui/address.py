"""What the URL says: story, scene, query. It is input from outside, so everything is checked and nothing is trusted."""

from uuid import UUID

import streamlit as st

from chorus.errors import NotFound


def story_id() -> UUID | None:
    """The story the URL names, None if it names none.

    Raises:
        NotFound: what it names is not an id.
    """
    return _id("story_id", "a story")


def run_id() -> UUID | None:
    """The run the URL names, None if it names none.

    Raises:
        NotFound: what it names is not an id.
    """
    return _id("run_id", "a run")


def experiment_id() -> UUID | None:
    """The experiment the URL names, None if it names none.

    Raises:
        NotFound: what it names is not an id.
    """
    return _id("experiment_id", "an experiment")


def _id(name: str, noun: str) -> UUID | None:
    given = st.query_params.get(name, "").strip()
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise NotFound(f"This link does not name {noun}. It may have been cut short.") from None


def some_id(name: str) -> UUID | None:
    """The id that the link gives under a name, None if it gives none or nonsense."""
    try:
        return UUID(text(name))
    except ValueError:
        return None


def whole(name: str, low: int, high: int) -> int | None:
    """A whole number from ``low`` to ``high`` that the URL gives under a name; None if it gives none or another."""
    given = st.query_params.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        return None
    value = int(given)
    return value if low <= value <= high else None


def text(name: str) -> str:
    """The text the URL gives under a name."""
    return st.query_params.get(name, "")


def keep(**parameters: object) -> None:
    """Write parameters into the URL; empty ones leave it."""
    for name, value in parameters.items():
        if value in (None, ""):
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def tell_browser() -> None:
    """Let the browser's address say what the page was asked for.

    A link from a page to another view of itself changes what is shown, but not the address, so that the next click
    would show the first view again. The browser ignores what it knows.
    """
    given = st.query_params.get("story_id")
    if given:
        st.query_params["story_id"] = given  # sends all of them
