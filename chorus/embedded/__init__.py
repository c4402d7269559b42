"""What Chorus runs itself when nothing else is configured: a real Postgres, a real small model, a real embedder.

Each is started when it is first needed, shared by every process with the same CHORUS_HOME, and stopped only when asked.
"""

from pathlib import Path

from chorus.embedded.embedder import EmbeddedEmbedder
from chorus.embedded.model_server import SLOT_TOKENS, EmbeddedModel
from chorus.embedded.postgres import EmbeddedPostgres
from chorus.embedded.progress import SILENT, Progress
from chorus.embedded.worker_keeper import WorkerKeeper, stop_workers

__all__ = [
    "SILENT",
    "SLOT_TOKENS",
    "EmbeddedEmbedder",
    "EmbeddedModel",
    "EmbeddedPostgres",
    "Progress",
    "WorkerKeeper",
    "stop_all",
]


def stop_all(home: Path) -> list[str]:
    """Stop every part that runs; return the names of those that did."""
    model, database = EmbeddedModel(home, None), EmbeddedPostgres(home)
    stopped = {"worker": stop_workers(home), "model": model.stop(), "database": database.stop()}
    return [name for name, ran in stopped.items() if ran]
