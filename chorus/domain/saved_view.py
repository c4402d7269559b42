"""A view of a page that somebody wants to have again: what its address said, under a name."""

from datetime import datetime

from pydantic import Field

from chorus.domain.value import Text, Value, now

LONGEST_NAME = 60
LONGEST_QUERY = 2_000


class SavedView(Value):
    """What the address of a ``page`` asked for, as names and values; everybody of the house has the same views."""

    page: str = Field(max_length=40)
    name: Text = Field(min_length=1, max_length=LONGEST_NAME)
    asked: dict[str, str] = Field(default_factory=dict)
    created_at: datetime = Field(default_factory=now)
