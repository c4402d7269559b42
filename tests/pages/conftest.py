"""What the page tests share: a page opened on a database of its own, without a browser."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from chorus.store import Database
from tests.conftest import ROOT

type Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest makes an address up that is none; a page opened without a browser is opened on this machine."""
    monkeypatch.setattr(ContextProxy, "ip_address", None)


@pytest.fixture
def seed(database_url: str) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """``seed(lambda database: ...)`` puts something into the test's database and returns what the function returns."""

    def run(put: Callable[[Database], Awaitable[Any]]) -> Any:
        async def fill() -> Any:
            database = Database(with_driver(database_url), pool_size=1)
            try:
                return await put(database)
            finally:
                await database.close()

        return asyncio.run(fill())

    return run


def with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Start and end with nothing cached, so that no studio outlives the test's database."""
    forget()
    yield
    forget()


def forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def open_page(database_url: str, forgetful: None, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``open_page("story", story_id=...)`` runs a page's script once, as if its link had been opened."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(name: str, **parameters: object) -> AppTest:
        page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=90)
        for parameter, value in parameters.items():
            page.query_params[parameter] = str(value)
        page.run()
        for chart in page.get("plotly_chart"):  # Plotly is not asked when a page is drawn
            go.Figure(json.loads(chart.proto.spec))
        return page

    return run


def markup_of(page: AppTest) -> str:
    """All HTML of ours on a page, without the stylesheets."""
    bodies = [str(block.proto.body) for block in page.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))
