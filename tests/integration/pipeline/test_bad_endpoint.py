"""A whole story against an endpoint that is anything but well: it is finished, at a bounded price; no key is told."""

import asyncio
import logging
import re
import shutil
import subprocess
import time
import zlib
from collections import Counter
from contextlib import suppress
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Continuity, RunStatus, RunSummary
from chorus.errors import ChorusError
from chorus.export import EXPORTERS
from chorus.studio import Studio
from tests.endpoint import EndpointServer, Kind, Limits, mixed_faults
from tests.endpoint.faults import FaultScript
from tests.figures import show
from tests.integration.pipeline.conftest import CANARY, Notes, Open

PREMISE = "A ferry pilot finds a letter that was meant for her dead brother."
SOAK = [pytest.mark.soak, pytest.mark.timeout(900)]


async def write(studio: Studio, scenes: int, *, title: str = "T", **settings: object) -> RunSummary:
    chosen = studio.default_settings(scenes=scenes, words=80, **settings)
    return await studio.write_story(PREMISE, title=title, settings=chosen)


async def calls_of(studio: Studio, summary: RunSummary) -> list[LLMCall]:
    async with studio.store.reading() as tx:
        return await tx.calls.list_of(summary.story_id)


@pytest.mark.parametrize(("scenes", "seeds"), [(3, (5,)), pytest.param(12, (1, 2, 3), marks=SOAK)])
async def test_a_third_of_all_calls_going_wrong_costs_little_more(
    studio_at: Open, scenes: int, seeds: tuple[int, ...]
) -> None:
    rows = []
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            await write(studio, scenes)
            clean = len(endpoint.calls)
            for seed in seeds:
                endpoint.faults = mixed_faults(0.3, seed)
                before = len(endpoint.calls)
                summary = await write(studio, scenes)
                calls = await calls_of(studio, summary)
                paid = len(endpoint.calls) - before
                bad = Counter(call.outcome.value for call in calls if call.outcome is not Outcome.OK)
                rows.append({"seed": seed, "status": summary.status.value, "calls": paid, "of clean": paid / clean})
                assert summary.status is RunStatus.COMPLETE, summary.error
                assert paid <= 1.6 * clean
                assert not bad.keys() & {"in_flight", "cancelled", "not_an_llm"}, bad
                assert len(calls) == paid, "every attempt is in the ledger, under a name"
    show(f"{scenes} scenes with 30 % mixed faults; clean: {clean} calls", rows)


@pytest.mark.parametrize(
    ("outage_s", "scenes", "continuity"),
    [
        (3.0, 4, Continuity.SERIAL),
        (3.0, 8, Continuity.PARALLEL),
        pytest.param(20.0, 12, Continuity.PARALLEL, marks=SOAK),
    ],
)
async def test_an_outage_in_the_middle_of_a_story_is_waited_out(
    studio_at: Open, outage_s: float, scenes: int, continuity: Continuity
) -> None:
    with EndpointServer(latency_s=0.1) as endpoint:
        endpoint.limits = Limits(outages=((1.0, 1.0 + outage_s),))
        async with studio_at(endpoint.base_url) as studio:
            began_s = time.time()
            summary = await write(studio, scenes, concurrency=8, continuity=continuity)
            after_s = time.time() - endpoint.calls[0].began_s - 1.0 - outage_s
    met = [call for call in endpoint.calls if call.outcome.startswith("refused")]
    show(
        f"An outage of {outage_s:.0f} s in a story of {scenes} scenes, {continuity}, at concurrency 8",
        [{"status": summary.status.value, "calls during it": len(met), "finished after it": after_s}],
    )
    assert summary.status is RunStatus.COMPLETE
    assert 0 < len(met) <= 40
    assert after_s <= 45
    assert time.time() - began_s < outage_s + 60


ENDS_A_RUN = (
    *(Kind.UNAUTHORIZED, Kind.NO_SUCH_MODEL, Kind.QUOTA, Kind.BAD_REQUEST, Kind.UNPROCESSABLE, Kind.TOO_LONG),
    *(Kind.FILTERED_400, Kind.REFUSAL, Kind.CONTENT_FILTER),
)
PASSES = tuple(kind for kind in Kind if kind not in (*ENDS_A_RUN, Kind.HANG, Kind.DRIP))


async def test_a_key_is_told_to_nobody(
    studio_at: Open, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in a row of any table, not in an error, not in a log, whatever goes wrong and however it is echoed."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    notes = Notes()
    passing = tuple(each for kind in PASSES for each in (kind, Kind.ECHO_KEY, None))
    scripts: list[FaultScript] = [passing, *((Kind.ECHO_KEY, kind) for kind in ENDS_A_RUN)]
    with EndpointServer(api_key=CANARY) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            for script in scripts:
                endpoint.calls.clear()
                endpoint.faults = script
                settings = studio.default_settings(scenes=2, words=60)
                with suppress(ChorusError):
                    said.append(str(await studio.write_story(PREMISE, settings=settings, watcher=notes)))
        async with studio_at(endpoint.base_url) as studio, studio.store.transaction() as tx:
            names = (
                await tx.connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            ).all()
            for (name,) in names:
                rows = (await tx.connection.execute(text(f'SELECT t::text FROM "{name}" t'))).all()  # noqa: S608
                said += [row for (row,) in rows]
    printed = capsys.readouterr()
    streamed = "".join(piece for _, piece in notes.pieces)
    everything = [*said, *(str(event) for event in notes.events), streamed, caplog.text, printed.out, printed.err]
    assert len(everything) > 100
    show("A canary key", [{"runs": len(scripts), "texts looked at": len(everything), "found": 0}])
    assert not [line[:400] for line in everything if CANARY in line]


async def test_a_key_that_comes_back_in_prose_is_in_no_draft_and_in_no_book(studio_at: Open) -> None:
    """The model says the key in each of its texts: nobody sees it while it streams, nor in any file of the book."""
    drafts: list[str] = []
    with EndpointServer(latency_s=1.6, faults=lambda _index: Kind.ECHO_KEY_IN_PROSE) as endpoint:
        async with studio_at(endpoint.base_url) as studio:

            async def look_on() -> None:
                while True:
                    async with studio.store.reading() as tx:
                        shown = (await tx.connection.execute(text("SELECT t::text FROM live_draft t"))).all()
                    drafts.extend(row for (row,) in shown)
                    await asyncio.sleep(0.05)

            looking = asyncio.create_task(look_on())
            summary = await write(studio, 1)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            bundle = await studio.load_bundle(summary.story_id)
    assert any(CANARY in (call.answer or "") for call in endpoint.calls)
    books = {name: texts_in(each.render(bundle)) for name, each in EXPORTERS.items()}
    assert drafts
    assert any("***" in draft for draft in drafts)
    assert not [said[:400] for said in drafts if CANARY in said]
    assert [name for name, said in books.items() if "***" not in said] == []
    assert [name for name, said in books.items() if CANARY in said] == []


def texts_in(book: bytes) -> str:
    """All that a book says, however its lines are broken: as it is, unpacked, inflated, and read by ``pdftotext``."""
    found = [book]
    if book.startswith(b"PK"):
        with ZipFile(BytesIO(book)) as packed:
            found += [packed.read(name) for name in packed.namelist()]
    if book.startswith(b"%PDF"):
        found += [inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", book, re.DOTALL)]
        if shutil.which("pdftotext"):
            found.append(subprocess.run(["pdftotext", "-", "-"], input=book, capture_output=True, check=True).stdout)
    return "".join(b" ".join(found).decode("utf-8", "replace").split())


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream
