"""The composition root: which parts there are, how they are wired, and the commands that touch two or more of them."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import psutil
from pydantic import SecretStr

from chorus.agents import ContinuityEditor, SceneGenerator, StoryArchitect
from chorus.domain.canon import MemoryHit, MemoryKind
from chorus.domain.run import Lease, ReviewStatus, Run, RunSettings, RunSummary
from chorus.domain.search import Grouping, MemoryFilter, Weights
from chorus.domain.story import Manuscript, Story
from chorus.domain.value import Value, storable
from chorus.embedded import SILENT, EmbeddedEmbedder, EmbeddedModel, EmbeddedPostgres, Progress
from chorus.errors import Conflict, DatabaseUnavailable, InvalidInput, SchemaMismatch
from chorus.importing import read_manuscript
from chorus.llm import Endpoint, Gateway, open_embedder, open_gateway
from chorus.logs import bound, open_log
from chorus.memory import Embedder, Recall
from chorus.pipeline.desk import Crew, Desk
from chorus.pipeline.ledger import StoreLedger
from chorus.pipeline.manuscript import keep, story_of
from chorus.pipeline.watcher import NOBODY, Watcher
from chorus.settings import ChorusConfig, load_config
from chorus.store import Database, SchemaState, schema_state, upgrade

LONGEST_PREMISE = 20_000
LONGEST_QUERY = 4_000
MOST_HITS = 200
CLAIM_PATIENCE_S = 20.0
OUTAGES_ENDURED = 5


class ImportSummary(Value):
    """What ``import`` prints."""

    story_id: UUID
    title: str
    scenes: int
    words: int


class Studio:
    """Everything that can be done with stories. Made by ``open_studio``."""

    def __init__(
        self, config: ChorusConfig, store: Database, gateway: Gateway, embedder: Embedder, postgres: EmbeddedPostgres
    ) -> None:
        """Hold the parts; nothing is started here."""
        self.config = config
        self.store = store
        self._gateway = gateway
        self._recall = Recall(store, embedder)
        self._postgres = postgres

    # --- runs

    async def start_run(
        self,
        premise: str,
        *,
        title: str | None = None,
        language: str = "English",
        style: str = "",
        settings: RunSettings | None = None,
    ) -> Run:
        """Keep a new story and a queued run for it.

        Raises:
            InvalidInput: the premise is empty or too long.
        """
        text = storable(premise).strip()
        if not text:
            raise InvalidInput("The premise is empty: say in a sentence or two what the story is about.")
        if len(text) > LONGEST_PREMISE:
            raise InvalidInput(
                f"The premise has {len(text):,} characters, and at most {LONGEST_PREMISE:,} are read: shorten it, "
                "or import a finished text with `chorus import`."
            )
        story = Story(title=storable(title or "").strip()[:200], premise=text, language=language, style=style)
        run = Run(story_id=story.id, settings=settings or self.default_settings())
        async with self.store.transaction() as tx:
            await tx.stories.add(story)
            await tx.runs.add(run)
        return run

    def default_settings(self, **chosen: object) -> RunSettings:
        """The settings of a run as configured, with what was ``chosen`` in place of it."""
        configured = {
            "concurrency": self.config.system.scene_concurrency,
            "temperature": self.config.llm.temperature,
            "context_tokens": self.config.llm.context_tokens,
            "budget_tokens": self.config.system.run_budget_tokens,
            "budget_usd": self.config.system.run_budget_usd,
        }
        return RunSettings.model_validate({**configured, **chosen})

    async def work_on(self, run_id: UUID, watcher: Watcher = NOBODY) -> RunSummary:
        """Claim a run and work on it in this process until it is over or paused; goes on where it stood.

        Raises:
            NotFound: there is no such run.
            Conflict: it is over, or another process works on it.
            DatabaseUnavailable: the database is away for good; what was committed is kept.
        """
        from chorus.pipeline.runner import work  # brings LangGraph along, which takes a second

        lease = await self._claim(run_id)
        for outage in range(OUTAGES_ENDURED + 1):
            try:
                async with self.store.transaction() as tx:
                    run = await tx.runs.load(run_id)
                with bound(run_id=run.id, story_id=run.story_id):
                    await work(self._desk(run, lease, watcher))
                break
            except DatabaseUnavailable:
                if outage == OUTAGES_ENDURED:
                    raise
                await self._database_is_back()
        return await self.summarise(run_id)

    async def write_story(
        self, premise: str, *, title: str | None = None, settings: RunSettings | None = None, watcher: Watcher = NOBODY
    ) -> RunSummary:
        """Start a run and work on it; raises as ``start_run`` and ``work_on`` do."""
        run = await self.start_run(premise, title=title, settings=settings)
        return await self.work_on(run.id, watcher)

    async def approve(self, run_id: UUID) -> None:
        """Answer every open question of a run with yes, as resuming it does."""
        async with self.store.transaction() as tx:
            run = await tx.runs.load(run_id)
            for item in await tx.runs.list_questions(story_id=run.story_id, status=ReviewStatus.OPEN):
                if item.run_id == run_id:
                    await tx.runs.answer(item.id, {"decision": "approved", "by": "resume"})

    async def summarise(self, run_id: UUID) -> RunSummary:
        """Sum up one run."""
        async with self.store.transaction() as tx:
            return await tx.runs.summarise(run_id)

    def detach(self, run_id: UUID) -> None:
        """Let a process of its own work on a run; it outlives this one and logs to a file."""
        with open_log(self.config.system.home, f"run-{run_id}") as log:
            subprocess.Popen(  # noqa: S603 - our own interpreter and a UUID
                [sys.executable, "-m", "chorus", "resume", str(run_id)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    # --- stories

    async def import_manuscript(
        self,
        text: str,
        *,
        title: str | None = None,
        file_name: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportSummary:
        """Make a story of a Markdown or plain-text manuscript: chapters, scenes and memories, without any LLM.

        The text is kept in one transaction; the vectors follow batch by batch, told to ``progress`` as (done, total).

        Raises:
            InvalidInput: there is no text in it.
        """
        imported = story_of(read_manuscript(text, title=title, file_name=file_name))
        async with self.store.transaction() as tx:
            await keep(imported, tx)
        total = len(imported.memories)
        tell = (lambda done: progress(done, total)) if progress else None
        await self._recall.embed_pending(imported.story.id, progress=tell)
        return ImportSummary(
            story_id=imported.story.id,
            title=imported.story.title,
            scenes=len(imported.outline.scenes),
            words=imported.words,
        )

    async def search_memory(  # noqa: PLR0913 - a name for each filter, as the CLI and HTTP have them
        self,
        query: str,
        story_id: UUID | None = None,
        k: int = 10,
        as_of: int | None = None,
        kinds: Sequence[MemoryKind] = (),
        *,
        group: Grouping = Grouping.PASSAGE,
        character: str | None = None,
        place: str | None = None,
        chapter: int | None = None,
        weights: Weights | None = None,
    ) -> list[MemoryHit]:
        """Find memories by words and by meaning, the best first; grouped by scene, each scene once.

        ``weights`` rearrange what the legs find; the query's vector is computed once and kept.

        Raises:
            InvalidInput: the query is empty, or ``k`` is out of range.
            NotFound: there is no such story.
        """
        wanted = storable(query).strip()[:LONGEST_QUERY]
        if not wanted:
            raise InvalidInput("The query is empty: say what to look for.")
        if not 1 <= k <= MOST_HITS:
            raise InvalidInput(f"k is {k}: choose a number from 1 to {MOST_HITS}.")
        if story_id:
            async with self.store.transaction() as tx:
                await tx.stories.load(story_id)
        within = MemoryFilter(
            story_id=story_id, as_of=as_of, kinds=tuple(kinds), character=character, place=place, chapter=chapter
        )
        return await self._recall.search(wanted, k=k, within=within, group=group, weights=weights or Weights())

    async def count_pending_memories(self, story_id: UUID | None = None) -> int:
        """Count the memories that are found by their words only, because their vectors are still to come."""
        async with self.store.reading() as tx:
            return await tx.memories.count_pending(self._recall.model, story_id)

    async def load_manuscript(self, story_id: UUID) -> Manuscript:
        """Read a story as a reader meets it."""
        async with self.store.transaction() as tx:
            return await tx.stories.load_manuscript(story_id)

    # --- the parts

    def _desk(self, run: Run, lease: Lease, watcher: Watcher) -> Desk:
        temperature = run.settings.temperature
        crew = Crew(
            architect=StoryArchitect(self._gateway, temperature),
            generator=SceneGenerator(self._gateway, temperature),
            editor=ContinuityEditor(self._gateway),
        )
        return Desk(self.store, lease, run, crew, self._recall, watcher)

    async def _claim(self, run_id: UUID) -> Lease:
        """Become the run's one writer: at once if its last one is dead, else when that one's lease has run out."""
        owner = _this_process()
        give_up = asyncio.get_running_loop().time() + CLAIM_PATIENCE_S
        while True:
            async with self.store.transaction() as tx:
                run = await tx.runs.load(run_id)
                if run.status.is_over:
                    raise Conflict(f"The run is {run.status.value}: there is nothing left to do.")
                gone = run.lease_owner if run.lease_owner and _is_dead(run.lease_owner) else None
                lease = await tx.runs.claim(run_id, owner, from_owner=gone)
            if lease:
                return lease
            if asyncio.get_running_loop().time() > give_up:
                raise Conflict(f"Another process ({run.lease_owner}) works on this run: wait for it, or stop it.")
            await asyncio.sleep(0.5)

    async def _database_is_back(self) -> None:
        if self.config.uses_embedded_database:
            await asyncio.to_thread(self._postgres.ensure)
        await self.store.wait_until_up(60)

    async def aclose(self) -> None:
        """Give everything back that this process holds; what is embedded runs on."""
        await self._gateway.aclose()
        await self.store.close()


@asynccontextmanager
async def open_studio(config: ChorusConfig | None = None, *, progress: Progress = SILENT) -> AsyncIterator[Studio]:
    """Wire everything up; ``config`` defaults to the environment's.

    The embedded database is started and brought up to date; any other one must be up to date. The embedded model is
    started when an agent first needs it. ``progress`` hears of downloads and waits.

    Raises:
        ConfigError: a setting is wrong.
        StoreError: the database does not answer, or its tables are not this version's.
        EmbeddedError: a part that Chorus runs itself does not start.
    """
    config = config or load_config()
    postgres = EmbeddedPostgres(config.system.home)
    url = config.database.url
    if url is None:
        url = await asyncio.to_thread(postgres.ensure, progress)
    await asyncio.to_thread(_prepare_tables, config, url)
    store = Database(url, config.database.db_schema)

    async def embedded_endpoint() -> Endpoint:
        model = EmbeddedModel(config.system.home, config.llm.gguf)
        running = await asyncio.to_thread(model.ensure, progress)
        key = SecretStr(running.api_key) if running.api_key else None
        return Endpoint(running.base_url, key, running.model)

    gateway = open_gateway(config, StoreLedger(store), embedded=embedded_endpoint)
    embedder: Embedder = open_embedder(config.embedding) if config.embedding.api_base else EmbeddedEmbedder()
    studio = Studio(config, store, gateway, embedder, postgres)
    try:
        yield studio
    finally:
        await studio.aclose()


def _prepare_tables(config: ChorusConfig, url: str) -> None:
    schema = config.database.db_schema
    state = schema_state(url, schema)
    if state is SchemaState.CURRENT:
        return
    if config.uses_embedded_database:
        upgrade(url, schema)
        return
    wrong = {
        SchemaState.MISSING: "has no tables of Chorus yet: run `chorus db upgrade`.",
        SchemaState.OLDER: "was made by an older Chorus: run `chorus db upgrade`.",
        SchemaState.NEWER: "was made by a newer Chorus: update this one.",
    }
    raise SchemaMismatch(f"The database {wrong[state]}")


def _this_process() -> str:
    """Who holds a lease: host, process id and when the process began, so that a dead one is told from its successor."""
    started = psutil.Process().create_time()
    return f"{socket.gethostname()}:{os.getpid()}:{started:.2f}"


def _is_dead(owner: str) -> bool:
    """Whether the process that held a lease ran on this host and is gone."""
    host, pid, started = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) > 1
    except (psutil.NoSuchProcess, psutil.ZombieProcess, ValueError):
        return True
