"""A view of a page that somebody wants to have again: what its address said, under a name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import Field

from chorus.domain.value import Text, Value, now, storable
from chorus.errors import InvalidInput

LONGEST_NAME = 60
LONGEST_QUERY = 2_000


class SavedView(Value):
    """What the address of a ``page`` asked for, as names and values; everybody of the house has the same views."""

    page: str = Field(max_length=40)
    name: Text = Field(min_length=1, max_length=LONGEST_NAME)
    asked: dict[str, str] = Field(default_factory=dict)
    created_at: datetime = Field(default_factory=now)

    @classmethod
    def kept_as(cls, page: str, name: str, asked: Mapping[str, str]) -> Self:
        """The view of this name; raises InvalidInput where it has none, or asks for too much."""
        plain = storable(name).strip()
        if not plain:
            raise InvalidInput("A view needs a name.")
        if sum(len(key) + len(value) for key, value in asked.items()) > LONGEST_QUERY:
            raise InvalidInput("This view asks for too much to be kept.")
        return cls(page=page, name=plain, asked={storable(key): storable(value) for key, value in asked.items()})
