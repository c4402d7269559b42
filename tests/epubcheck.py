"""EPUBCheck as Debian has it."""

import os
import shutil
from pathlib import Path

import pytest


def epubcheck_command() -> list[str]:
    """How to call EPUBCheck; Debian's is a jar that a shell may not know how to start."""
    found = shutil.which("epubcheck")
    if not found or not shutil.which("java"):
        if os.environ.get("CHORUS_BROWSER_TESTS") == "required":
            pytest.fail("EPUBCheck is required here: apt-get install epubcheck")
        pytest.skip("needs epubcheck (and java)")
    is_jar = Path(found).read_bytes()[:2] == b"PK"
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", found] if is_jar else [found]
