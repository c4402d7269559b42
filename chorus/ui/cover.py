"""A cover for every story: its title set in type on a colour of its own, the same one every time."""

from hashlib import blake2b
from uuid import UUID

from chorus.ui.markup import excerpt, safe

# (cloth, print): every pair has a contrast of at least 7:1
_CLOTHS = (
    ("#5b1f24", "#f6e3c8"),
    ("#1f3a4d", "#f2e6cf"),
    ("#2f4a35", "#f1ead2"),
    ("#4a2a4f", "#f4e2dc"),
    ("#6b3a16", "#fbead0"),
    ("#23304f", "#efe2c4"),
    ("#3d3a34", "#efe6d6"),
    ("#14504c", "#f0ead6"),
)
_ORNAMENTS = ("❦", "✦", "☙", "✶", "❧", "◆", "✧", "❖", "✺", "❂", "✵", "❁", "☾", "✢", "❋", "✥", "❈", "✤", "☉", "✾")


def cover(story_id: UUID, title: str, byline: str) -> str:
    """Draw a cover; decoration only, for the title stands beside it as text."""
    mark = blake2b(story_id.bytes, digest_size=2).digest()
    cloth, ink = _CLOTHS[mark[0] % len(_CLOTHS)]
    longest = max(map(len, title.split()), default=0)
    size = "long" if len(title) > 34 or longest > 11 else "short" if len(title) < 16 and longest < 9 else "medium"
    return (
        f'<div class="ch-cover ch-cover-{size}" style="--cloth:{cloth};--ink:{ink}" aria-hidden="true">'
        f'<span class="ch-cover-mark">{_ORNAMENTS[mark[1] % len(_ORNAMENTS)]}</span>'
        f'<span class="ch-cover-title" dir="auto">{safe(excerpt(title, 70))}</span>'
        f'<span class="ch-cover-by">{safe(byline)}</span></div>'
    )
