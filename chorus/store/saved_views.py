"""Views of pages that are kept under a name."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.saved_view import SavedView
from chorus.store import tables as t
from chorus.store.rows import fetch_all, row_of


class SavedViews:
    """Views by page and name."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_of(self, page: str) -> list[SavedView]:
        """List the views of a page by name."""
        query = select(t.saved_view).where(t.saved_view.c.page == page).order_by(t.saved_view.c.name)
        return await fetch_all(self._connection, query, SavedView)

    async def keep(self, view: SavedView) -> None:
        """Keep a view, in the place of one of the same name."""
        row = row_of(view)
        new = insert(t.saved_view).values(**row)
        await self._connection.execute(new.on_conflict_do_update(index_elements=["page", "name"], set_=row))

    async def remove(self, page: str, name: str) -> bool:
        """Forget a view; says whether there was one."""
        here = (t.saved_view.c.page == page) & (t.saved_view.c.name == name)
        return bool((await self._connection.execute(delete(t.saved_view).where(here))).rowcount)
