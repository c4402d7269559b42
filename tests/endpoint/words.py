"""Words for made-up answers: names, places, and sentences that are whole, plain and seldom the same."""

import re
from random import Random

NAMES = [
    "Mara Voss",
    "Ilan Brandt",
    "Tessa Quill",
    "Joren Hale",
    "Odile Fenn",
    "Bram Castell",
    "Nadia Rook",
    "Silas Wren",
    "Petra Lund",
    "Emil Harrow",
    "Yara Sorel",
    "Casper Dunne",
    "Linnea Ash",
    "Rufus Oake",
    "Vera Mallin",
    "Anselm Pike",
    "Dora Keene",
    "Matthis Gray",
    "Isolde Marsh",
    "Noor Adair",
]
PLACES = [
    "the lighthouse",
    "the old harbour",
    "the salt mill",
    "the archive",
    "the ferry landing",
    "the glass house",
    "the upper market",
    "the drowned chapel",
    "the signal tower",
    "the rope walk",
    "the north quay",
    "the empty theatre",
    "the orchard wall",
    "the tide gate",
]
_OPENINGS = [
    "At dawn",
    "By evening",
    "After the rain",
    "Before anyone woke",
    "In the long quiet",
    "When the bell had rung",
    "Towards midnight",
    "For a while",
    "On the third day",
    "Without a word",
    "Under a low sky",
    "While the lamps burned",
    "Long after supper",
    "As the fog thinned",
]
_VERBS = [
    "searched",
    "crossed",
    "measured",
    "left",
    "watched",
    "described",
    "remembered",
    "circled",
    "unlocked",
    "guarded",
    "drew",
    "swept",
    "mapped",
    "avoided",
    "returned to",
    "listened at",
    "waited outside",
    "looked back at",
    "walked through",
    "kept away from",
]
_THINGS = [
    "a folded letter",
    "the brass key",
    "an unsigned ledger",
    "the cracked lens",
    "a box of tide tables",
    "the captain's coat",
    "a lantern without oil",
    "the missing page",
    "a coil of wet rope",
    "the blue notebook",
    "a child's whistle",
    "the broken clock",
    "a map of the shallows",
    "the sealed jar",
    "a borrowed compass",
    "the torn photograph",
]
_MANNERS = [
    "and said nothing of it",
    "and counted the steps twice",
    "as if it could still be undone",
    "with more care than the hour needed",
    "and thought of the winter before",
    "while the others argued",
    "and found the door unlocked",
    "until the light changed",
    "and wrote the time on a sleeve",
    "though nobody had asked",
    "and would not look up",
    "with the wind at their back",
]
_ADJECTIVES = [
    "Salt",
    "Silent",
    "Borrowed",
    "Drowned",
    "Patient",
    "Hollow",
    "Second",
    "Last",
    "Wandering",
    "Unsigned",
    "Amber",
    "Northern",
]
_NOUNS = [
    "Tide",
    "Lantern",
    "Ledger",
    "Harbour",
    "Compass",
    "Orchard",
    "Signal",
    "Winter",
    "Archive",
    "Crossing",
    "Bell",
    "Promise",
]


_LONGEST = 22
"""Words of the longest sentence, and a few: what is left then is filled by the sentence that fits best."""
_LAST_DRAWS = 40


def name(dice: Random) -> str:
    return dice.choice(NAMES)


def place(dice: Random) -> str:
    return dice.choice(PLACES)


def title(dice: Random) -> str:
    return f"The {dice.choice(_ADJECTIVES)} {dice.choice(_NOUNS)}"


def sentence(dice: Random, who: list[str] | None = None) -> str:
    """One whole sentence of about fifteen words."""
    subject = dice.choice(who or list(NAMES)).split()[0]
    shape = dice.randrange(4)
    if shape == 0:
        return f"{dice.choice(_OPENINGS)} {subject} {dice.choice(_VERBS)} {place(dice)} {dice.choice(_MANNERS)}."
    if shape == 1:
        return f"{subject} carried {dice.choice(_THINGS)} to {place(dice)} {dice.choice(_MANNERS)}."
    if shape == 2:
        return f"Beside {place(dice)} lay {dice.choice(_THINGS)}, and {subject} {dice.choice(_VERBS)} {place(dice)}."
    return f"“There was {dice.choice(_THINGS)} at {place(dice)},” said {subject}, “{dice.choice(_MANNERS)}.”"


def prose(dice: Random, words: int, who: list[str] | None = None) -> str:
    """Paragraphs of whole sentences, none twice, of about ``words`` words."""
    sentences: list[str] = []
    length = 0
    while words - length > _LONGEST:
        drawn = sentence(dice, who)
        if drawn not in sentences:
            sentences.append(drawn)
            length += len(drawn.split())
    drawn_last = [sentence(dice, who) for _ in range(_LAST_DRAWS)]
    sentences.append(min(drawn_last, key=lambda each: abs(words - length - len(each.split()))))
    paragraphs = [" ".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5)]
    return "\n\n".join(paragraphs)


def names_in(text: str) -> list[str]:
    """The names of ours that a prompt speaks of, in our order."""
    return [each for each in NAMES if each in text or re.search(rf"\b{each.split()[0]}\b", text)]


def words_wanted(text: str, default: int) -> int:
    """The last number of words a prompt asks for."""
    found = re.findall(r"(\d[\d,]{0,6})\s*(?:-\s*\d+\s*)?words", text)
    return min(int(found[-1].replace(",", "")), 5000) if found else default
