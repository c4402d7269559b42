"""``db prune``: the texts of old calls."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import counted, print_json, size, tell
from chorus.cli.watch import onlooker
from chorus.errors import InvalidInput

if TYPE_CHECKING:
    from chorus.store.retention import Prunable


def prune(older_than: str, *, dry: bool, as_json: bool) -> int:
    """Empty what was said in old calls, or only say how much that is."""
    age = age_of(older_than)
    found, done = run(_prune(age, dry=dry))
    if as_json:
        print_json({"calls": found.calls, "bytes": found.size, "emptied": done})
    elif not found.calls:
        tell("No finished run has texts of that age.")
    elif dry:
        tell(f"{counted(found.calls, 'call')} would be emptied: about {size(found.size)}.")
    else:
        tell(f"{counted(done, 'call')} emptied: Postgres uses the room (about {size(found.size)}) for what comes next.")
    return 0


def age_of(told: str) -> timedelta:
    """Read an age in days.

    Raises:
        InvalidInput: it is none.
    """
    found = re.fullmatch(r"([1-9]\d{0,4})d?", told.strip())
    if not found:
        raise InvalidInput(f"'{told}' is no age: say it in days, as in 90d.")
    return timedelta(days=int(found[1]))


async def _prune(age: timedelta, *, dry: bool) -> "tuple[Prunable, int]":
    from chorus.domain.value import now

    with onlooker() as looking_on:
        async with opened(looking_on) as studio:
            async with studio.store.reading() as tx:
                found = await tx.retention.count(now() - age)
            return found, 0 if dry else await studio.prune_calls(age)
