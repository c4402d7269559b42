"""In which language a manuscript is written: by its script, and by the little words that every text of it has.

What cannot be told is English, as a story is that says nothing else.
"""

import re

DEFAULT = "English"
SAMPLE = 20_000
"""Characters that are looked at: from the beginning, and as many from the middle."""
ENOUGH = 0.06
"""Share of a text's words that are little words of its language; prose has more than 0.2."""

_LITTLE_WORDS = {
    "English": "the and of to was he his that with had for her not she they but him you have were",
    "German": "der die und den das nicht sie ist mit sich auf dem ein eine er ich war aber als auch",
    "French": "le la les et des est une que qui dans il elle pas pour sur avec son mais vous ses était",
    "Spanish": "el la los las y que en una por con su se no del para era pero más como había",
    "Italian": "il la che e di un una non per si con del della gli le è era ma come suo nel",
    "Portuguese": "o os as e que não uma um do da em para com se ele ela mas seu sua era ao",
    "Dutch": "de het een en van ik niet dat zijn was hij ze met op maar er had naar voor haar",
    "Swedish": "och att det som en på är han var hon inte med för jag den till av men ett sig",
    "Danish": "og at det som en på er han var hun ikke med for jeg den til af men et sig",
    "Norwegian": "og at det som en på er han var hun ikke med for jeg den til av men et seg",
    "Finnish": "ja on oli se että ei hän mutta joka kun niin hänen kuin myös ole mitä sen olivat sitten nyt",
    "Hungarian": "a az és hogy nem egy volt is de meg ez csak el már mint még ha azt vagy mert",
    "Romanian": "și în de la nu să un o cu pe care este era mai din dar că lui ce său",
    "Catalan": "el la els les i que de un una amb per no és va del al més seu però era",
    "Turkish": "ve bir bu da de için o ne çok ama gibi daha kadar değil onun sonra ben mi her olarak",
    "Irish": "an na agus a bhí ar go is sé sí ag le ní mé tá do as ach nach leis",
    "Polish": "i w nie się na z że do to jest był jak ale po o za co go przez już",
    "Czech": "a se v na že je to s z do byl ale jak by tak jsem jeho když si po",
}
_WORDS = {language: frozenset(words.split()) for language, words in _LITTLE_WORDS.items()}
_SCRIPTS = {
    "Japanese": "\u3040-\u30ff",
    "Korean": "\uac00-\ud7af",
    "Chinese": "\u4e00-\u9fff",
    "Russian": "\u0400-\u04ff",
    "Greek": "\u0370-\u03ff",
    "Arabic": "\u0600-\u06ff",
    "Hebrew": "\u0590-\u05ff",
    "Hindi": "\u0900-\u097f",
    "Thai": "\u0e00-\u0e7f",
}
_OF_SCRIPT = {language: re.compile(f"[{letters}]") for language, letters in _SCRIPTS.items()}
SCRIPT_SHARE = 0.2
"""Share of the letters in a script from which on the text is in it; Japanese has few letters that are only its own."""


def detect_language(text: str) -> str:
    """Name the language of a text in English, as a story's ``language``."""
    middle = max(SAMPLE, len(text) // 2)
    sample = f"{text[:SAMPLE]} {text[middle : middle + SAMPLE]}".casefold()
    return _by_script(sample) or _by_words(sample) or DEFAULT


def _by_script(sample: str) -> str | None:
    letters = sum(character.isalpha() for character in sample)
    shares = {language: len(pattern.findall(sample)) / max(1, letters) for language, pattern in _OF_SCRIPT.items()}
    return next((language for language, share in shares.items() if share > SCRIPT_SHARE), None)


def _by_words(sample: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", sample)
    counts = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] > ENOUGH * len(words) else None
