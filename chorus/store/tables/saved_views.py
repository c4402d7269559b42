"""Views of pages under a name."""

from sqlalchemy import Column, Table, Text

from chorus.store.tables.columns import created, json_column, metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("page", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    json_column("asked"),
    created(),
)
