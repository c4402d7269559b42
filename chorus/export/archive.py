"""Zips with the same bytes for the same content, whenever they are made."""

import io
import zipfile
from collections.abc import Iterable

_EPOCH = (1980, 1, 1, 0, 0, 0)


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack members in their order; one named ``mimetype`` is stored as it is, as EPUB wants it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, content)
    return held.getvalue()
