"""The language of a story as books and browsers name it: ``English`` is ``en``."""

import re

_CODES = {
    "afrikaans": "af", "albanian": "sq", "amharic": "am", "arabic": "ar", "armenian": "hy", "basque": "eu",
    "belarusian": "be", "bengali": "bn", "bosnian": "bs", "bulgarian": "bg", "burmese": "my", "catalan": "ca",
    "chinese": "zh", "mandarin": "zh", "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant",
    "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "american english": "en-US",
    "british english": "en-GB", "esperanto": "eo", "estonian": "et", "farsi": "fa", "finnish": "fi", "french": "fr",
    "galician": "gl", "georgian": "ka", "german": "de", "greek": "el", "gujarati": "gu", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja",
    "kannada": "kn", "kazakh": "kk", "khmer": "km", "korean": "ko", "lao": "lo", "latin": "la", "latvian": "lv",
    "lithuanian": "lt", "macedonian": "mk", "malay": "ms", "malayalam": "ml", "marathi": "mr", "mongolian": "mn",
    "nepali": "ne", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "brazilian portuguese": "pt-BR", "punjabi": "pa", "romanian": "ro", "russian": "ru", "serbian": "sr",
    "sinhala": "si", "slovak": "sk", "slovenian": "sl", "spanish": "es", "swahili": "sw", "swedish": "sv",
    "tagalog": "tl", "filipino": "fil", "tamil": "ta", "telugu": "te", "thai": "th", "turkish": "tr",
    "ukrainian": "uk", "urdu": "ur", "uzbek": "uz", "vietnamese": "vi", "welsh": "cy", "yiddish": "yi", "zulu": "zu",
    "deutsch": "de", "español": "es", "français": "fr", "italiano": "it", "português": "pt", "русский": "ru",
    "日本語": "ja", "中文": "zh", "한국어": "ko", "العربية": "ar", "עברית": "he", "polski": "pl", "nederlands": "nl",
}  # fmt: skip
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "yi"}
UNKNOWN = "und"


def language_tag(language: str) -> str:
    """The BCP 47 tag of a language that people call by its name; ``und`` where nobody knows."""
    name = " ".join(language.casefold().split())
    if name in _CODES:
        return _CODES[name]
    return name if _TAG.fullmatch(name) else UNKNOWN


def reads_right_to_left(tag: str) -> bool:
    """Whether the lines of a language begin on the right."""
    return tag.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT
