"""How a command ends: its exit code, and one plain line on stderr when it cannot do what it was asked."""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer
from typer.main import get_command

from chorus.cli.loop import Interrupted
from chorus.cli.terminal import print_json, say, speak_utf8
from chorus.errors import ChorusError

USAGE = 2
BROKEN = 1
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run_command(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; with ``--json``, stdout holds one document even if it fails."""
    from chorus.cli.commands import app

    speak_utf8()
    as_json = "--json" in arguments
    try:
        code = get_command(app).main(args=list(arguments), prog_name="chorus", standalone_mode=False)
        sys.stdout.flush()
    except Interrupted as interrupted:
        _leave_at_once(interrupted.exit_code)
    except typer.Abort:
        return 130
    except typer.TyperException as error:
        return _explain(_usage(error), USAGE, as_json)
    except ChorusError as error:
        _trace()
        return _explain(str(error) or (type(error).__doc__ or "").strip(), error.exit_code, as_json)
    except BrokenPipeError:
        _drop_stdout()
        return BROKEN
    except Exception as error:  # noqa: BLE001 - the last door: whatever it is, it is told in a line
        _trace()
        return _explain(_unexpected(error), BROKEN, as_json)
    return code if isinstance(code, int) else 0


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "chorus"
    return f"{error.format_message().rstrip('.')}. See `{command} --help`."


def _explain(message: str, code: int, as_json: bool) -> int:
    safe = _redacted(message)
    say(safe, style="red")
    try:
        if as_json:
            print_json({"error": safe})
        sys.stdout.flush()
    except OSError:  # what was wrong may have been stdout itself
        _drop_stdout()
    return code


def _unexpected(error: Exception) -> str:
    """What happened, in a line, and what to do."""
    if not isinstance(error, OSError):
        reason = f"{type(error).__name__}: {error}".strip().rstrip(":")
        return f"This should not happen ({reason}). LOG_LEVEL=DEBUG shows where."
    what = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
    if error.errno in _NO_ROOM:
        return f"There is no room to write: {what}. Make some, or write to another place."
    return f"The system refused something: {what}. LOG_LEVEL=DEBUG shows where."


def _redacted(text: str) -> str:
    """A text without the secrets of the settings."""
    from chorus.redaction import redact
    from chorus.settings import load_config

    try:
        return redact(text, load_config().secrets())
    except ChorusError:
        return redact(text)


def _trace() -> None:
    """Show where an error came from, if everything is to be logged."""
    from chorus.settings import load_config

    try:
        wanted = load_config().system.log_level == "DEBUG"
    except ChorusError:
        wanted = False
    if wanted:
        say(_redacted(traceback.format_exc()))


def _leave_at_once(code: int) -> NoReturn:
    """Go without waiting for what still runs in threads, such as a download."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _drop_stdout() -> None:
    """Whoever read stdout is gone: let Python's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
