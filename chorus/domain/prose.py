"""Prose as text: its sentences, and the trimming of what a model adds around them."""

import re
from functools import lru_cache

from chorus.domain.words import count_words

_CLOSERS = r"\"'”’»)\]」』"
_SENTENCE_END = re.compile(rf"(?<=[.!?…؟।۔։።។။])[{_CLOSERS}]*(?=\s|$)|(?<=[。！？])[{_CLOSERS}]*(?![。！？{_CLOSERS}])")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Capt|Sgt|Lt|Jr|Sr|vs|etc|e\.g|i\.e|[A-Z])\.$")
_LABEL = re.compile(
    r"^\W*(?:scene|chapter|title|setting|place|time|characters?|cast|purpose|beats?|summary|draft|revised?(?: scene)?|"
    r"story|opening|ending|entry|exit|word count|target words|note|narrator|prose|text|continuation)"
    r"(?:\s+(?:\d+|[ivxlc]+|one|two|three|four|five|six))?\W*(?::.*|$)",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(r"^(?:here(?:'s| is| are)|sure|certainly|of course|okay|below is)\b[^\n]*:?\s*$", re.IGNORECASE)
_AFTERWORD = re.compile(
    r"^\W*(?:(?:the end|to be continued|end of (?:scene|chapter|story)(?: \w+)?|\d+ words)\W*|word count\b.*)$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:an|the) editor (?:of the book )?(?:found|asks)\b.*:|this is how the scene was written\b|"
    r"write the whole scene again\b|(?<=- )(?:the|this) scene (?:is too|should|must|needs)\b)",
    re.IGNORECASE,
)
"""What a small model repeats of the question."""
_MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|>\s+|[-*_]{3,}\s*$|```.*$)")
_PLAIN_QUOTES = str.maketrans("“”„«»‘’‚`´–—‑‐", '"""""' + "'''''" + "----")
_ENDS_BARE = re.compile(r"[\u0e01-\u0e4e\u0e81-\u0ece]$")
"""Thai and Lao have no sign for the end of a sentence."""
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


FEWEST_LETTERS_PER_STRAY = 20
FEWEST_WORDS_QUOTED = 3
_NOTE = re.compile(r"\b[A-Z][\w’'-]* is to [A-Z][\w’' -]*: |\(Known to [^)]+\)")
"""How a prompt says what somebody is to somebody, and who knows a thing."""
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # kana, Han, Hangul


def sentences(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text as (start, end) spans without surrounding white space."""
    return list(_sentences(text))


@lru_cache(maxsize=256)  # whoever looks a text over begins with its sentences; a process writes 50 stories at once
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : match.end()]):
            spans.append((start, match.end()))
            start = match.end()
    spans.append((start, len(text)))
    stripped = (_strip(text, *span) for span in spans)
    return tuple(span for span in stripped if span[0] < span[1])


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def windows(text: str, length: int = 500) -> list[tuple[int, int]]:
    """Find passages of whole sentences as (start, end) spans, each until it has ``length`` characters.

    A passage begins with the last sentence of the one before, unless that is long; together they cover every sentence.
    """
    spans = sentences(text)
    found: list[tuple[int, int]] = []
    first = 0
    for last, (start, end) in enumerate(spans):
        if end - spans[first][0] >= length or last == len(spans) - 1:
            found.append((spans[first][0], end))
            first = last + (last == first or end - start > length // 3)
    return found


def is_whole(text: str) -> bool:
    """Whether a text ends where a sentence ends."""
    return bool(re.search(rf"[.!?…؟।۔։።។။。！？][{_CLOSERS}*_]*\s*$", text))


def trim_to_whole_sentences(text: str) -> str:
    """Drop the sentence that was cut at the end; a text of one unfinished sentence gets its full stop."""
    text = text.rstrip()
    if not text or is_whole(text) or _ENDS_BARE.search(text):
        return text
    whole = [end for _, end in sentences(text)[:-1]]
    return text[: whole[-1]] if whole else re.sub(r"[\s,;:–—-]+$", "", text) + "."


def cut_to_length(text: str, words: int) -> str:
    """Keep the whole sentences that come nearest to a number of words; at least the first one."""
    if not words or count_words(text) <= words:
        return text
    ends = [end for _, end in sentences(text)]
    return text[: min(ends, key=lambda end: abs(count_words(text[:end]) - words))]


def clean_prose(text: str) -> str:
    """Keep the prose of an answer: no heading, label, fence, preamble or afterword, and whole sentences only."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = [_unmarked(line) for line in text.split("\n") if not _MARKUP.match(line) or line.lstrip().startswith(">")]
    lines = [
        line
        for line in kept
        if not (_LABEL.match(line) or _PREAMBLE.match(line) or _AFTERWORD.match(line) or _QUESTION.match(line))
    ]
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines))
    folded = [re.sub(r"[ \t]*\n[ \t]*", " ", paragraph).strip() for paragraph in paragraphs]
    return trim_to_whole_sentences(without_notes(without_strays("\n\n".join(_unquoted(p) for p in folded if p))))


def without_strays(text: str) -> str:
    """Drop the sentences in which a small model fell into another script; a text that is in that script stays."""
    strays = len(_OTHER_SCRIPT.findall(text))
    if not strays or strays * FEWEST_LETTERS_PER_STRAY > sum(character.isalpha() for character in text):
        return text
    return _without_sentences(text, _OTHER_SCRIPT)


def without_notes(text: str) -> str:
    """Drop the sentences that a small model copied out of what it was told: who is what to whom, who knows what."""
    return _without_sentences(text, _NOTE) if _NOTE.search(text) else text


def _without_sentences(text: str, stray: re.Pattern[str]) -> str:
    for sentence in [text[start:end] for start, end in sentences(text) if stray.search(text[start:end])]:
        text = re.sub(rf"[ \t]*{re.escape(sentence)}", "", text, count=1)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def without_stray_signs(text: str) -> str:
    """Drop the few signs of another script that a small model lets fall into a line."""
    strays = len(_OTHER_SCRIPT.findall(text))
    few = strays and strays * 4 <= sum(character.isalpha() and character.isascii() for character in text)
    return re.sub(r" {2,}", " ", _OTHER_SCRIPT.sub("", text)) if few else text


def _unmarked(line: str) -> str:
    return _EMPHASIS.sub(r"\2", re.sub(r"^\s*>\s?", "", line))


def _unquoted(paragraph: str) -> str:
    """Mend a paragraph that opens a quotation mark and never closes it."""
    if paragraph.count('"') % 2 and is_whole(paragraph) and not paragraph.endswith('"'):
        last = paragraph.rfind('"')
        return paragraph + '"' if paragraph[last - 1 : last] in (" ", "") else paragraph
    return paragraph


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Find where a quote stands in a text, blind to case, white space and the shape of quotation marks.

    The span's text is what counts as quoted: it is an exact substring by construction.
    """
    quote = quote.strip()
    exactly = text.find(quote) if quote else -1
    if exactly >= 0:
        return exactly, exactly + len(quote)
    wanted, _ = _squeezed(quote)
    squeezed, places = _squeezed(text)
    at = squeezed.find(wanted) if wanted else -1
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


def locate_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Find a quote as people give them: with something left out (…), with other dashes, or without its last sign."""
    parts = [part for part in re.split(r"\[?(?:\.{3}|…)\]?", quote) if count_words(part) >= FEWEST_WORDS_QUOTED]
    for part in (quote, *sorted(parts, key=len, reverse=True)):
        plain = part.strip(" \"'“”‘’«»„,;:.!?")
        if span := locate(part, text) or (locate(plain, text) if count_words(plain) >= FEWEST_WORDS_QUOTED else None):
            return span
    return None


@lru_cache(maxsize=64)
def _squeezed(text: str) -> tuple[str, list[int]]:
    """A text in lower case with single spaces and plain quotation marks, and where each of its characters stood."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text.translate(_PLAIN_QUOTES)):
        plain = " " if character.isspace() else character.lower()
        if plain != " " or (characters and characters[-1] != " "):
            characters += plain
            places += [place] * len(plain)
    return "".join(characters), places
