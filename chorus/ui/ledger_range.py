"""From one day to another: the range of the metrics that no name stands for, kept in the URL."""

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from chorus.ui import address

BETWEEN = "From … to …"
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def between() -> tuple[datetime | None, datetime | None]:
    """Ask for the first and the last day, as UTC has them; the end is the moment after the last."""
    first, last = (
        st.date_input(label, _given(name), EARLIEST, LATEST, format="YYYY-MM-DD", key=f"ledger-{name}", width=150)
        for label, name in (("From", "from"), ("To", "to"))
    )
    address.keep(**{"from": first, "to": last})
    return _begin_of(first), _begin_of(last, days=1)


def forget() -> None:
    """Take the days out of the URL."""
    address.keep(**{"from": None, "to": None})


def _given(name: str) -> date | None:
    """A day that the URL names; None if it names none or nonsense."""
    try:
        day = date.fromisoformat(address.text(name))
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _begin_of(day: date | None, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), UTC)
