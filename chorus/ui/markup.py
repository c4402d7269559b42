"""The one door from text that is not ours to HTML that is: everything is escaped here and nowhere else.

Story text never goes through Markdown, where ``$5 and $6`` becomes a formula and ``:red[x]`` a colour.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

_STYLESHEETS = tuple(Path(__file__).with_name(f"{name}.css") for name in ("studio", "book", "desk", "plan", "lab"))
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_CODE = re.compile(r"`((?:chorus|poetry|python|\./run)\b[^`]*)`")
_BIDI_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"))


def safe(text: object) -> str:
    """Escape text for HTML, in content and in quoted attributes alike."""
    return escape(str(text), quote=True)


def worded(message: str) -> str:
    """Escape a message of ours; commands between backticks are set as code, but not what a name may hold."""
    return _CODE.sub(r"<code>\1</code>", safe(message))


def paragraphs(text: str, css_class: str = "", mark: Callable[[int], str] = lambda _number: "") -> str:
    """Set prose in paragraphs; a single line break stays one. Each finds its own reading direction.

    ``mark`` is markup of ours for the end of each, by its number from 1.
    """
    blocks = (block.strip() for block in _PARAGRAPH_BREAK.split(text))
    lines = (safe(block).replace("\n", "<br>") for block in blocks if block)
    attribute = f' class="{css_class}"' if css_class else ""
    return "".join(f'<p dir="auto"{attribute}>{line}{mark(number)}</p>' for number, line in enumerate(lines, 1))


def excerpt(text: str, length: int = 160) -> str:
    """Shorten text at a word, with an ellipsis. Not escaped."""
    one_line = " ".join(text.split())
    if len(one_line) <= length:
        return one_line
    return one_line[:length].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def label(text: str, length: int = 60) -> str:
    """Make text fit for a plain-text control: one line, and no characters that turn its surroundings around."""
    return excerpt(text.translate(_BIDI_OVERRIDES), length)


def spoken(text: str) -> str:
    """Make text fit for the name of a link that is only heard: nothing that Markdown could take for its own."""
    return " ".join(re.sub(r"[^\w\s,.'’-]|_", " ", label(text, 80)).split()) or "untitled"


def chart_text(text: str, length: int = 32) -> str:
    """Make text fit for a chart: Plotly reads tags and entities, and knows no escape for quotes."""
    return escape(label(text, length), quote=False)


def draw(markup: str) -> None:
    """Put HTML of ours on the page."""
    st.html(markup)


def dress() -> None:
    """Give the page its stylesheets."""
    st.html(_stylesheet())


@cache
def _stylesheet() -> str:
    return "<style>" + "\n".join(sheet.read_text(encoding="utf-8") for sheet in _STYLESHEETS) + "</style>"
