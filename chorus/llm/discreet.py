"""Keys are taken out of prose while it streams in: whoever looks on sees it before the whole answer is there."""

from collections.abc import Callable, Iterable

from chorus.llm.faults import redact_known


class DiscreetEar:
    """Passes pieces on without keys; what may be the beginning of one is held back until it is known."""

    def __init__(self, on_text: Callable[[str], None], secrets: Iterable[str]) -> None:
        """Know the keys that nobody may see."""
        self._on_text = on_text
        self._secrets = tuple(secrets)
        self._longest = max(map(len, self._secrets), default=0)
        self._held = ""

    def hear(self, piece: str) -> None:
        """Take a piece in, and pass on what is no part of a key."""
        text = redact_known(self._held + piece, self._secrets)
        kept = self._beginning_of_a_key(text)
        self._held = text[len(text) - kept :]
        self._pass_on(text[: len(text) - kept])

    def hear_out(self) -> None:
        """Pass on what was held back: nothing more comes."""
        rest, self._held = self._held, ""
        self._pass_on(rest)

    def _beginning_of_a_key(self, text: str) -> int:
        """How many characters at the end may be the beginning of a key."""
        most = min(len(text), self._longest - 1)
        ends = (length for length in range(most, 0, -1) if self._begins(text[-length:]))
        return next(ends, 0)

    def _begins(self, end: str) -> bool:
        return any(secret.startswith(end) for secret in self._secrets)

    def _pass_on(self, text: str) -> None:
        if text:
            self._on_text(text)
