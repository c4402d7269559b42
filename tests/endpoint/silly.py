"""Answers that fit their schema and are silly: people nobody knows, absurd numbers, nothing at all, one scene for all.

Of the verdicts on a scene, a share says that it contradicts what is told before, with words that really stand there.
"""

import json
import re
from typing import Any

from tests.endpoint import words
from tests.endpoint.answers import Answerer, Sampler

INCOHERENT = 0.4
SILLY = 0.3
NOBODIES = ("Zog", "the Bishop of Mars", "X Æ A-12", "nobody", "Bartholomew Quux", "???", "“”", "12")
ONE_SCENE = (
    "Zog opened the door of the lighthouse and found the same lamp burning on the same table. “Not again,” said Zog. "
    "Bartholomew Quux nodded, as he had nodded every evening of that endless week, and poured the tea. "
)


class SillyAnswerer(Answerer):
    """Says silly things; the same seed and the same request, the same answer."""

    def __init__(self, body: dict[str, Any], seed: int) -> None:
        super().__init__({**body, "messages": [*body.get("messages", []), {"content": f"{seed}"}]})
        self._format = (body.get("response_format") or {}).get("json_schema") or {}

    def answer(self) -> str:
        schema = self.schema
        if schema is None:
            return self._prose()
        if "consistent" in schema.get("properties", {}):
            return json.dumps(self._verdict())
        sampler = SillySampler(schema, self._dice, self._people, self._sentences, self._prompt)
        return json.dumps(sampler.value(schema, "root"), ensure_ascii=False)

    def _prose(self) -> str:
        wanted = words.words_wanted(self._prompt, 100)
        kind = self._dice.random()
        if kind < SILLY:
            return ONE_SCENE * max(1, wanted // 40)
        if kind < 2 * SILLY:
            return words.prose(self._dice, wanted * self._dice.choice((1, 3)), list(NOBODIES[:2]))
        return words.prose(self._dice, wanted, self._people or None)

    def _verdict(self) -> dict[str, Any]:
        if self._dice.random() >= INCOHERENT:
            return {"consistent": True, "findings": []}
        before, _, after = self._prompt.partition("The new scene:")
        after = re.split(r"These pairs show|As the editor,", after)[0]
        there, here = (re.findall(r"[A-Z“][^.!?\n]{15,160}[.!?]”?", part) or ["?"] for part in (before, after))
        found = [
            {
                "category": self._dice.choice(("timeline", "character", "world", "detail", "style")),
                "severity": self._dice.choice(("major", "major", "minor")),
                "problem": words.sentence(self._dice),
                "quote": self._dice.choice(here),
                "earlier_quote": self._dice.choice((self._dice.choice(there), "words that stand nowhere at all")),
            }
            for _ in range(self._dice.randint(1, 2))
        ]
        return {"consistent": False, "findings": found}


class SillySampler(Sampler):
    """Draws a value that fits the schema and nothing else."""

    def _array(self, schema: dict[str, Any], field: str) -> list[Any]:
        if self._dice.random() < SILLY:
            least = schema.get("minItems", 0)
            return [self.value(schema.get("items", {}), field)] * least
        return super()._array(schema, field)

    def _integer(self, schema: dict[str, Any], field: str) -> int:
        if {"minimum", "maximum"} & schema.keys():
            return super()._integer(schema, field)
        return self._dice.choice((-7, 0, 10**9, 2**63))

    def _string(self, schema: dict[str, Any], field: str) -> str:
        if self._dice.random() < SILLY:
            return self._fitted(self._dice.choice((*NOBODIES, "", "  ", "\u202e", "a" * 300)), schema)
        return super()._string(schema, field)
