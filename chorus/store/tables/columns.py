"""What every table is made of: the catalogue they stand in, and the kinds of columns they share."""

from enum import StrEnum

from sqlalchemy import Column, DateTime, Enum, ForeignKey, Integer, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def enum(name: str, values: type[StrEnum]) -> Enum:
    """Make a native enum type of the values of ``values``."""
    return Enum(values, name=f"{name}_enum", values_callable=lambda members: [m.value for m in members])


def id_column() -> Column[object]:
    """The primary key."""
    return Column("id", Uuid, primary_key=True)


def belongs_to(name: str, table: str, *, index: bool = False) -> Column[object]:
    """A row that goes when what it belongs to goes."""
    return Column(name, Uuid, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def refers_to(name: str, table: str, *, cascade: bool = False) -> Column[object]:
    """A row that outlives what it refers to, unless ``cascade``."""
    action = "CASCADE" if cascade else "SET NULL"
    return Column(name, Uuid, ForeignKey(f"{table}.id", ondelete=action), index=True)


def text_column(name: str) -> Column[str]:
    """Text that may be empty but not NULL."""
    return Column(name, Text, nullable=False, server_default="")


def texts(name: str) -> Column[object]:
    """A list of texts."""
    return Column(name, ARRAY(Text), nullable=False, server_default="{}")


def json_column(name: str) -> Column[object]:
    """A JSON object."""
    return Column(name, JSONB, nullable=False, server_default="{}")


def number(name: str, default: int = 0) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, nullable=False, server_default=str(default))


def created() -> Column[object]:
    """When the row was made."""
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()"))
