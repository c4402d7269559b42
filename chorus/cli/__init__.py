"""The ``chorus`` command: its one door. Everything heavy is imported by the command that needs it, when it needs it."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 complete, 1 failed, 2 usage, 3 paused for a person."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        from chorus import __version__

        sys.stdout.write(f"chorus {__version__}\n")
        return 0
    from chorus.cli.outcome import run_command

    return run_command(arguments)
