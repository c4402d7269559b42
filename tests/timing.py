"""How long something takes on a machine that does other things as well."""

import time
from collections.abc import Callable


def quickest_s(action: Callable[[], object], tries: int = 5) -> float:
    """The shortest of several goes: what the work takes, without what the machine did in between."""
    took_s = []
    for _ in range(tries):
        began_s = time.perf_counter()
        action()
        took_s.append(time.perf_counter() - began_s)
    return min(took_s)
