"""From one day to another: the range of the metrics that no name stands for, kept in the URL."""

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from chorus.ui import address

BETWEEN = "From … to …"


def between() -> tuple[datetime | None, datetime | None]:
    """Ask for the first and the last day, as UTC has them; the end is the moment after the last."""
    first = st.date_input("From", _given("from"), format="YYYY-MM-DD", key="ledger-from", width=150)
    last = st.date_input("To", _given("to"), format="YYYY-MM-DD", key="ledger-to", width=150)
    address.keep(**{"from": first, "to": last})
    return _begin_of(first), _begin_of(last, days=1)


def forget() -> None:
    """Take the days out of the URL."""
    address.keep(**{"from": None, "to": None})


def _given(name: str) -> date | None:
    """A day that the URL names; None if it names none or nonsense."""
    try:
        return date.fromisoformat(address.text(name))
    except ValueError:
        return None


def _begin_of(day: date | None, days: int = 0) -> datetime | None:
    try:
        return None if day is None else datetime.combine(day + timedelta(days=days), time(), UTC)
    except OverflowError:  # the last day there is
        return None
