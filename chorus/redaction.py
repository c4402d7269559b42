"""Takes secrets out of what a machine says: those that are known by their value, and whatever looks like one."""

import re
from collections.abc import Iterable

BLANK = "***"
_SHORTEST = 4
_SURELY_NO_WORD = 8
_NAMES = r"[\w-]*(?:api[_-]?key|password|passwd|secret|access[_-]?token|authorization)"
_LOOKS_SECRET = re.compile(
    r"(?i)\b(?:sk|xai)-[A-Za-z0-9_\-]{8,}"  # keys of OpenAI, Anthropic, xAI and those that copy them
    r"|\b(?:gsk|hf|ghp)_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_\-]{30,}"
    r"|\bgsk-[A-Za-z0-9_\-]{8,}"
    r"|(?<=bearer )[^\s\"',;]+|(?<=authorization: basic )[^\s\"',;]+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password in a URL
)
_NAMED = re.compile(
    rf"(?i)\b({_NAMES}=)(?:'[^']*'|\"[^\"]*\"|[^\s&'\",;)]+)|(['\"]{_NAMES}['\"]\s*:\s*)['\"][^'\"]*['\"]"
)
_SECRET_NAME = re.compile(rf"(?i){_NAMES}")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Blank the secrets in a text; a known one that could be a word is blanked only where it stands alone."""
    for secret in secrets:
        if len(secret) >= _SURELY_NO_WORD:
            text = text.replace(secret, BLANK)
        elif len(secret) >= _SHORTEST and secret in text:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", BLANK, text)
    return _NAMED.sub(_without_value, _LOOKS_SECRET.sub(BLANK, text))


def names_a_secret(field: str) -> bool:
    """Whether what stands under this name is secret, whatever it is."""
    return _SECRET_NAME.fullmatch(field) is not None


def _without_value(found: re.Match[str]) -> str:
    return f"{found[1]}{BLANK}" if found[1] else f'{found[2]}"{BLANK}"'
