"""Whether a text tells of somebody's death: a model that says so is believed only if the words are there."""

import re

from chorus.continuity.names import fold, parts_of
from chorus.domain.prose import sentences
from chorus.domain.story import Character

_DEATH = re.compile(
    r"\b(?:died|dies|dead|death|killed|murdered|slain|corpse|funeral|buried|burial|grave|coffin|lifeless|drowned|hanged|"
    r"executed|perished|passed away|last breath|stopped breathing|no pulse|heart (?:had )?stopped|bled out|strangled|"
    r"stabbed|shot|poisoned|beheaded|gestorben|starb|tot|tod|getötet|ermordet|leiche|mort|morte|mourut|tué|tuée|cadavre|"
    r"muerto|muerta|murió|muerte|mató|cadáver|morto|morta|morì|uccis\w+|cadavere|morreu|dood|stierf|gedood|vermoord)\b",
    re.IGNORECASE,
)
_NAMED_SO = re.compile(r"\bthe (?:drowned|dead|buried) [a-z]+", re.IGNORECASE)


def death_is_told(character: Character, text: str, tag: str) -> bool:
    """Whether a sentence that names somebody, or the one after it, speaks of death; other languages are believed."""
    if tag not in {"en", "de", "fr", "es", "it", "pt", "nl"}:
        return True
    words = parts_of(character)
    told = [text[start:end] for start, end in sentences(text)]
    for at, sentence in enumerate(told):
        near = _NAMED_SO.sub("", " ".join(told[at : at + 2]))
        if _DEATH.search(near) and any(fold(word) in words for word in re.findall(r"[^\W\d_]+", sentence)):
            return True
    return False
