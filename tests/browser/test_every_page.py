"""Every page in Chromium: no text of a story or of a link is ever run, and axe-core finds nothing that bars anybody."""

import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from chorus.experiments.outcome import read_outcome
from chorus.experiments.report import to_report
from chorus.export import EXPORTERS, StoryBundle
from chorus.pipeline.report import load_report
from chorus.store import Database
from chorus.ui.reads import SHELF_SIZE
from chorus.ui.recall import LONGEST_QUERY
from tests.browser.conftest import InDatabase, new_tab
from tests.browser.hostile import A_BATCH, AS_TYPED, payloads, seed_hostile, seed_shelf
from tests.pages.lab import seed_experiment
from tests.pages.people import ask_about_a_finding, people_the_ledger
from tests.pages.seed import seed_library, seed_memories

pytestmark = pytest.mark.browser

PAGES = {
    "stories": "?q={query}",
    "story": "story?story_id={id}",
    "outline": "story?story_id={id}&view=plan",
    "a planned scene": "story?story_id={id}&view=plan&scene={scene}",
    "outline as text": "story?story_id={id}&view=plan&mode=text",
    "read": "read?story_id={id}",
    "cause": "read?story_id={id}&scene={scene}&desk=cause",
    "edit": "read?story_id={id}&scene={scene}&desk=edit",
    "compare": "read?story_id={id}&scene={scene}&desk=versions",
    "write again": "read?story_id={id}&scene={scene}&desk=again",
    "codex": "codex?story_id={id}",
    "codex of the world": "codex?story_id={id}&view=world",
    "codex of the canon": "codex?story_id={id}&view=canon",
    "codex in time": "codex?story_id={id}&view=time",
    "memory": "memory?story_id={id}&q={query}",
    "review": "review?story_id={id}",
    "metrics": "metrics?story_id={id}",
    "trace": "trace?run_id={run}&call_id={call}",
    "trace as a tree": "trace?run_id={run}&view=tree",
    "trace as a graph": "trace?run_id={run}&view=graph",
    "experiments": "experiments",
    "system": "system?story_id={id}&q={query}",
}
A_FEW = 30
PARTS = 12
"""Of the lists of hostile texts: a soak of all takes an hour, so that what is left of it can be run alone."""

QUICK = ("story", "read", "codex", "review")
STREAMLITS_OWN = {"scrollable-region-focusable"}
"""Rules that what Streamlit draws breaks, and nothing of ours may: its tab lists scroll without taking the focus."""
NOTE_WHAT_RUNS = """
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.ran = name; };
"""
WHAT_COULD_RUN = """() => [...document.querySelectorAll('[data-testid=stMain] *, body > :not(#root) *')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on') || /^\\s*(javascript|vbscript):/i.test(a.value)) ||
  e.tagName === 'IFRAME' && e.srcdoc).map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture
def watched(browser: Browser) -> Iterator[Page]:
    """A tab that notes what runs, and reaches nobody but the server."""
    with new_tab(browser) as tab:
        tab.add_init_script(NOTE_WHAT_RUNS)
        tab.route(lambda url: "127.0.0.1" not in url and url.startswith("http"), lambda route: route.abort())
        yield tab


def opened(page: Page, address: str) -> None:
    """Open a page, and wait until its script has ended."""
    page.goto(address)
    page.locator("h1").first.wait_for()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def nothing_runs(page: Page, where: str) -> None:
    assert page.evaluate("window.ran") is None, where
    assert page.evaluate(WHAT_COULD_RUN) == [], where


def test_no_text_of_a_story_is_run(watched: Page, address: str, in_database: InDatabase, tmp_path: Path) -> None:
    every = payloads()
    texts = [*AS_TYPED, *every[:: len(every) // A_FEW]]
    story_id = in_database(lambda database: seed_hostile(database, texts))
    for name in QUICK:
        opened(watched, address_of(address, name, in_database, story_id, texts[0]))
        nothing_runs(watched, name)
        if name == "read":
            for text in AS_TYPED:
                assert f"Begin {text} end" in watched.locator(".stMain").inner_text()
    open_exports(watched, in_database, story_id, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_text_of_any_list_is_run_on_any_page(
    watched: Page, address: str, in_database: InDatabase, tmp_path: Path, part: int
) -> None:
    every = payloads()
    for first in range(part * A_BATCH, len(every), PARTS * A_BATCH):
        texts = every[first : first + A_BATCH]
        story_id = in_database(partial(seed_hostile, texts=texts))
        report = in_database(partial(report_on, texts=texts))
        nothing_runs_in({"report.html": report}, watched, tmp_path)
        where = f"texts {first} to {first + A_BATCH}"
        for place, name in enumerate(PAGES):
            nth = (first + place) % len(texts)
            opened(watched, address_of(address, name, in_database, story_id, texts[nth], scene=nth + 1))
            nothing_runs(watched, f"{name}, {where}")
        for query in packed(texts, LONGEST_QUERY):
            opened(watched, address_of(address, "memory", in_database, story_id, query))
            nothing_runs(watched, f"asked for {query!r}")
        in_database(partial(seed_shelf, texts=texts))
        for number in range(1, -(-len(texts) // SHELF_SIZE) + 1):
            opened(watched, f"{address}/?page={number}")
            nothing_runs(watched, f"page {number} of the library, {where}")
        open_exports(watched, in_database, story_id, tmp_path)


def packed(texts: Sequence[str], most: int) -> Iterator[str]:
    """All texts in as few queries as hold them; a longer one is cut."""
    query = ""
    for text in texts:
        if query and len(query) + len(text) >= most:
            yield query
            query = ""
        query = f"{query} {text}"[:most]
    yield query


@pytest.mark.parametrize(
    ("scheme", "width", "names"),
    [
        ("light", 1200, QUICK),
        pytest.param("light", 1200, tuple(PAGES), marks=pytest.mark.soak),
        pytest.param("dark", 1200, tuple(PAGES), marks=pytest.mark.soak),
        pytest.param("light", 375, tuple(PAGES), marks=pytest.mark.soak),
        pytest.param("dark", 375, tuple(PAGES), marks=pytest.mark.soak),
    ],
)
def test_nobody_is_barred(
    browser: Browser, address: str, in_database: InDatabase, scheme: str, width: int, names: Sequence[str]
) -> None:
    ids = in_database(furnish)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    ours, own = [], set()
    for name in names:
        opened(page, address_of(address, name, in_database, ids["ledger"], "lamp"))
        for rule, node in violations(page):
            (own.add(rule) if is_streamlits(node) else ours.append((name, rule, node)))
    context.close()
    print(f"Streamlit's own, {scheme} at {width}: {sorted(own)}")  # noqa: T201
    assert ours == []
    assert own <= STREAMLITS_OWN


def violations(page: Page) -> list[tuple[str, str]]:
    """The serious and critical ones: (rule, the element's HTML)."""
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], node["html"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def is_streamlits(html: str) -> bool:
    """Whether Streamlit drew an element: our own markup has our own classes, or none of Streamlit's marks."""
    mark = html.partition(">")[0]
    return any(told in mark for told in ("data-testid", "data-baseweb", "st-emotion", "stBase", "react-aria"))


async def furnish(database: Database) -> dict[str, UUID]:
    """Stories with all that a page can show of one: people and what they know, findings, questions, an experiment."""
    await seed_experiment(database)
    ids = await seed_library(database)
    await seed_memories(database, ids["ledger"])
    await people_the_ledger(database, ids["ledger"])
    async with database.transaction() as tx:
        quote, other = "Bronze is bronze", (1, "the town had saved when the library went")
        await ask_about_a_finding(tx, ids["ledger"], 3, quote, other)
    return ids


def address_of(address: str, name: str, in_database: InDatabase, story_id: UUID, query: str, *, scene: int = 1) -> str:
    """Where a page answers about a story."""

    async def ids(database: Database) -> dict[str, object]:
        async with database.transaction() as tx:
            call = (await tx.calls.list_of(story_id))[0]
            return {"id": story_id, "run": call.run_id, "call": call.id}

    asked = quote(query[:LONGEST_QUERY].encode("utf-8", "replace"), safe="")
    return f"{address}/{PAGES[name].format(**in_database(ids), query=asked, scene=scene)}"


def open_exports(page: Page, in_database: InDatabase, story_id: UUID, folder: Path) -> None:
    """Open the story and its bible as a web page, and each page of both as an e-book."""
    bundle = in_database(lambda database: bundle_of(database, story_id))
    page_of, book_of = EXPORTERS["html"], EXPORTERS["epub"]
    for web, ebook in ((page_of.render, book_of.render), (page_of.render_bible, book_of.render_bible)):
        files = {"book.html": web(bundle)}
        with zipfile.ZipFile(BytesIO(ebook(bundle))) as book:
            files |= {Path(name).name: book.read(name) for name in book.namelist() if name.endswith((".xhtml", ".svg"))}
        nothing_runs_in(files, page, folder)


def nothing_runs_in(files: dict[str, bytes], page: Page, folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
        page.goto((folder / name).as_uri())
        assert page.evaluate("window.ran") is None, name
        assert page.evaluate(WHAT_COULD_RUN.replace("[data-testid=stMain] *", "body *")) == [], name


async def bundle_of(database: Database, story_id: UUID) -> StoryBundle:
    async with database.transaction() as tx:
        return StoryBundle(
            story=await tx.stories.load(story_id),
            manuscript=await tx.stories.load_manuscript(story_id),
            outline=await tx.stories.load_outline(story_id),
            characters=tuple(await tx.stories.list_characters(story_id)),
            relationships=tuple(await tx.stories.list_relationships(story_id)),
            world=tuple(await tx.stories.list_world(story_id)),
            facts=tuple(await tx.canon.list_facts(story_id)),
            report=await load_report(tx, story_id),
        )


async def report_on(database: Database, texts: Sequence[str]) -> bytes:
    """Keep an experiment named by texts, and set its report."""
    experiment_id = await seed_experiment(database, 0.1, texts[0], (f"A {texts[1][:70]}", f"B {texts[-1][:70]}"))
    async with database.transaction() as tx:
        outcome = await read_outcome(tx, experiment_id)
        stories = {
            trial.trial_id: await tx.stories.load_manuscript(trial.story_id)
            for trial in outcome.trials
            if trial.story_id
        }
    return to_report(outcome, stories).encode()
