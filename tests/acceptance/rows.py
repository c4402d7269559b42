"""What the database says, and runs for the workers, without a process of Chorus."""

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg

AWAY_S = 60.0
STARTING_S = 150.0
"""A worker is there within seconds; on a machine with ten times the work it can bear, within minutes."""


class Rows:
    """What the database says, without a process of Chorus."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def of(self, query: str, *given: object) -> list[Any]:
        """Ask; while the server is away, ask again."""
        give_up = time.monotonic() + AWAY_S
        while True:
            try:
                if self._connection.closed:
                    self._connection = psycopg.connect(self._url, autocommit=True)
                return self._connection.execute(query.encode(), given or None).fetchall()
            except psycopg.OperationalError:
                self._connection.close()
                assert time.monotonic() < give_up
                time.sleep(0.1)

    def wait(self, query: str, wanted: Callable[[list[Any]], bool], timeout_s: float = 60) -> list[Any]:
        give_up = time.monotonic() + timeout_s
        while not wanted(rows := self.of(query)):
            assert time.monotonic() < give_up, f"{query}: {rows}"
            time.sleep(0.1)
        return rows

    def until_complete(self, timeout_s: float = 90) -> None:
        """Wait until every run is finished."""
        self.wait(
            "SELECT status::text FROM run", lambda rows: {status for (status,) in rows} == {"complete"}, timeout_s
        )

    def texts(self) -> list[tuple[str, int, str]]:
        """Every scene as it is: premise, number, text."""
        return self.of(
            "SELECT story.premise, scene.number, last.text FROM scene JOIN story ON story.id = scene.story_id"
            " JOIN LATERAL (SELECT text FROM revision WHERE scene_id = scene.id ORDER BY number DESC LIMIT 1) last"
            " ON true ORDER BY 1, 2"
        )


def begin(rows: Rows, premise: str = "A lantern burns without oil.", *, scenes: int = 3, jobs: int = 1) -> None:
    """Dispatch a run, as the dashboard does, without a process of Chorus."""
    settings = json.dumps({"scenes": scenes, "words": 80})
    rows.of(
        "WITH story AS (INSERT INTO story (id, title, premise, origin) VALUES (gen_random_uuid(), '', %s, 'written')"
        " RETURNING id),"
        " run AS (INSERT INTO run (id, story_id, status, stage, settings, dispatched)"
        " SELECT gen_random_uuid(), id, 'queued', 'concept', %s, true FROM story RETURNING id)"
        " SELECT procrastinate_defer_jobs_v1(array_agg(ROW('runs', 'work_on_run', 0, NULL, NULL,"
        " jsonb_build_object('run_id', run.id), NULL)::procrastinate_job_to_defer_v1))"
        " FROM run, generate_series(1, %s)",
        premise,
        settings,
        jobs,
    )


def at_work(rows: Rows, workers: int = 1) -> None:
    """Wait until so many workers live."""
    rows.wait("SELECT pid FROM worker", lambda found: len(found) == workers, timeout_s=STARTING_S)
