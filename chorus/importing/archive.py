"""A zip from a stranger, read in memory and within bounds: nothing is unpacked to disk, and no name leads anywhere."""

import io
import lzma
import zipfile
import zlib
from typing import Self

from chorus.errors import InvalidInput

MOST_MEMBERS = 20_000
LARGEST_MEMBER_BYTES = 64_000_000
LARGEST_TOTAL_BYTES = 256_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
_ENCRYPTED = 0x1


class Archive:
    """The members of a zip; ``name`` is what messages call the file."""

    def __init__(self, raw: bytes, name: str) -> None:
        self.name = name
        self._bytes_left = LARGEST_TOTAL_BYTES
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except _BROKEN as error:
            raise self.broken() from error
        if len(self._zip.infolist()) > MOST_MEMBERS:
            raise InvalidInput(f"{name} holds more than {MOST_MEMBERS:,} files: that is no manuscript.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, member: str) -> bool:
        return member in self._zip.NameToInfo

    @property
    def members(self) -> list[str]:
        """The names of all members."""
        return self._zip.namelist()

    def broken(self) -> InvalidInput:
        """What to raise where the file is not what it should be."""
        return InvalidInput(f"{self.name} is broken or cut off: save it anew in the program it comes from.")

    def read(self, member: str) -> bytes:
        """Read a member whole.

        Raises:
            InvalidInput: there is none of that name, it is broken or encrypted, or it is larger than a book can be.
        """
        info = self._zip.NameToInfo.get(member)
        if info is None:
            raise self.broken()
        if info.flag_bits & _ENCRYPTED:
            raise InvalidInput(f"{self.name} is protected by a password: save a copy without one and import that.")
        most = min(LARGEST_MEMBER_BYTES, self._bytes_left)
        try:
            with self._zip.open(info) as file:
                content = file.read(most + 1)
        except (*_BROKEN, RuntimeError) as error:
            raise self.broken() from error
        if len(content) > most:
            raise InvalidInput(f"{self.name} unpacks to more than {most // 1_000_000:,} MB: that is no manuscript.")
        self._bytes_left -= len(content)
        return content
