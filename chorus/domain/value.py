"""What every domain value shares: frozen, strict about unknown fields, free of control characters Postgres refuses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID, uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; equal when all its fields are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """Read a value from a row that has at least its fields."""
        return cls.model_validate({name: row[name] for name in cls.model_fields if name in row})


def storable(text: str) -> str:
    """Drop what Postgres cannot keep in text: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:  # nearly all that is kept, and kept again with each value
        return text
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


Text = Annotated[str, AfterValidator(storable)]


def new_id() -> UUID:
    """A fresh primary key."""
    return uuid4()


def now() -> datetime:
    """The current time, with its zone."""
    return datetime.now(UTC)
