"""Short texts settled in code: titles and single lines, out of whatever a model gave for them."""

import re

from chorus.domain.prose import is_whole, sentences, without_stray_signs

LONGEST_TITLE_WORDS = 6
_THING = re.compile(
    r"\b(the|her|his|their|an?)\s+((?:[a-z]+[’']s\s+)?(?!way\b|person\b|force\b|story\b|end\b|same\b|next\b|other\b)[a-z]{3,})"
    r"(?=[.,;!?]|$|\s+(?:and|or|but|in|on|at|is|was|with|from|that|which|near|into|of)\b)"
)
"""A noun with its article, or with whose it is; what follows it shows that it is one."""
_TASK = re.compile(
    r"\b(?:protagonist|antagonist|climax|exposition|person or (?:a )?force|end(?:ing)? of (?:the )?story|"
    r"failed attempt|what is wrong|changes? everything|hard (?:decision|choice))\b|"
    r"^(?:the )?(?:end|ending|beginning|opening|introduction|conclusion|resolution|reveal|revelation|confrontation)$",
    re.IGNORECASE,
)
"""What a scene is for, in the words in which that is asked."""

_LABEL = re.compile(r"[\s,;.]+(?:an?\s+|the\s+)?(?:wants?|flaw|voice|tie(?:\s+[\w’']+){0,4})\s*:", re.IGNORECASE)


def tidy_title(text: str) -> str:
    """Take a title out of what was given for one: at most 80 characters, no label, quotes or afterthought."""
    line = re.sub(r"\s+", " ", text).strip().strip("\"'“”‘’*_# ").rstrip(".:")
    line = re.sub(r"^(?:title|scene|chapter)\s*\d*\s*[:.–—-]\s*", "", line, flags=re.IGNORECASE)
    line = re.sub(r"\s*\([^)]*\)$", "", line)
    if len(line.split()) > LONGEST_TITLE_WORDS:
        line = re.split(r"\s*[:;–—]\s|,\s", line, maxsplit=1)[0]
    return line[:80].strip()


def names_a_task(title: str) -> bool:
    """Whether a title only says what a scene is for."""
    return bool(_TASK.search(title))


def title_of(premise: str) -> str:
    """Make a title of the first words of a premise."""
    words = " ".join(re.findall(r"[\w'’-]+", premise)[:5])
    return f"{words[:1].upper()}{words[1:80]}" or "Untitled"


def thing_in(line: str) -> str:
    """A thing that a line of a plan speaks of, as a title; empty if it names none."""
    found = _THING.search(line)
    return f"{found.group(1)} {found.group(2)}".title().replace("’S", "’s").replace("'S", "'s") if found else ""


def without_labels(text: str) -> str:
    """What stands before the first of the other parts of a profile, told again under its label: “…, flaw: proud”."""
    return _LABEL.split(text, maxsplit=1)[0] or text


def one_sentence(text: str, limit: int = 240) -> str:
    """Make the first sentence of a text that has one, at most ``limit`` characters, with its full stop."""
    line = without_stray_signs(re.sub(r"\s+", " ", text).strip())
    spans = sentences(line)
    first = line[slice(*spans[0])] if spans else ""
    if len(first) > limit:
        first = first[:limit].rsplit(" ", 1)[0]
    return first if not first or is_whole(first) else first.rstrip(" ,;:-") + "."


def one_line(text: str, otherwise: str = "", limit: int = 500) -> str:
    """Make one line of at most ``limit`` characters, ending where a sentence ends if it can."""
    line = re.sub(r"\s+", " ", text).strip() or re.sub(r"\s+", " ", otherwise).strip()
    if len(line) <= limit:
        return line
    cut = max(line[:limit].rfind(end) for end in (". ", "! ", "? "))
    return line[: cut + 1] if cut > 0 else line[:limit]
