"""Makes an answer for a request: a value that fits its JSON schema, or prose. The same request, the same answer."""

import hashlib
import json
import re
from random import Random
from typing import Any

from tests.endpoint import words

_PEOPLE = re.compile(r"cast|character|participant|who|known_by|pov|person|people|speaker|owner|subject", re.I)
_QUOTES = re.compile(r"quote|evidence|span|excerpt|passage", re.I)
_LONG = re.compile(r"text|prose|draft|content|scene_text|manuscript", re.I)
_DEFAULT_WORDS = 300


class Answerer:
    """Answers one request; everything it says hangs on the request's own words.

    ``ties``: what it says of two people, it says of two whom the request names.
    """

    def __init__(self, body: dict[str, Any], *, ties: bool = False) -> None:
        self._ties = ties
        self._prompt = "\n".join(str(message.get("content", "")) for message in body.get("messages", []))
        self._format = (body.get("response_format") or {}).get("json_schema") or {}
        seed = hashlib.sha256(json.dumps([body.get("messages"), self._format], sort_keys=True).encode()).digest()
        self._dice = Random(seed)  # noqa: S311 - answers, not secrets
        self._people = words.names_in(self._prompt)
        self._sentences = [s.strip() for s in re.findall(r"[A-Z“][^.!?\n]{20,160}[.!?]”?", self._prompt)]

    @property
    def schema(self) -> dict[str, Any] | None:
        """The schema asked for: in the format, or as text at the end of the prompt."""
        if "schema" in self._format:
            return dict(self._format["schema"])
        found = re.search(r"JSON schema:\n(\{.*\})", self._prompt, re.S)
        return dict(json.JSONDecoder().raw_decode(found.group(1))[0]) if found else None

    @property
    def schema_name(self) -> str | None:
        return self._format.get("name")

    def answer(self) -> str:
        schema = self.schema
        if schema is None:
            return words.prose(self._dice, words.words_wanted(self._prompt, _DEFAULT_WORDS), self._people or None)
        value = Sampler(schema, self._dice, self._people, self._sentences, self._prompt).value(schema, "root")
        if self._ties and "ties" in value:
            value["ties"] = self._between_people()
        return json.dumps(value, ensure_ascii=False)

    def _between_people(self) -> list[dict[str, str]]:
        """What two pairs of those whom the story has are to one another, with sentences of the scene."""
        told, _, scene = self._prompt.partition("\nScene ")
        people = [name for name in self._people if name in told]
        shown = [sentence for sentence in self._sentences if sentence in scene.partition("\n\nAs the editor")[0]]
        if len(people) < 2 or not shown:
            return []
        pairs = [self._dice.sample(people, 2) for _ in range(2)]
        return [
            {"name": one, "other": other, "tie": words.sentence(self._dice), "quote": self._dice.choice(shown)}
            for one, other in pairs
        ]


class Sampler:
    """Draws a value from a JSON schema, fit for the names of its fields."""

    def __init__(
        self, root: dict[str, Any], dice: Random, people: list[str], sentences: list[str], prompt: str
    ) -> None:
        self._root = root
        self._dice = dice
        self._people = people
        self._sentences = sentences
        self._prompt = prompt
        self._depth = 0
        self._used: set[str] = set()

    def value(self, schema: dict[str, Any], field: str) -> Any:
        if "$ref" in schema:
            return self._deeper(self._root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], field)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._dice.choice(schema["enum"])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self._one_of(schema[choice], field)
        return self._typed(schema, field)

    def _deeper(self, schema: dict[str, Any], field: str) -> Any:
        self._depth += 1
        try:
            return self.value(schema, field)
        finally:
            self._depth -= 1

    def _one_of(self, options: list[dict[str, Any]], field: str) -> Any:
        full = [option for option in options if option.get("type") != "null"]
        may_be_null = len(full) < len(options)
        if may_be_null and (self._depth > 6 or self._dice.random() < 0.2):
            return None
        return self.value(self._dice.choice(full), field)

    def _typed(self, schema: dict[str, Any], field: str) -> Any:
        kind = schema.get("type", "string")
        kind = next(each for each in kind if each != "null") if isinstance(kind, list) else kind
        make = {
            "object": self._object,
            "array": self._array,
            "integer": self._integer,
            "number": self._number,
            "boolean": lambda _s, _f: self._dice.random() < 0.5,
            "null": lambda _s, _f: None,
            "string": self._string,
        }[kind]
        return make(schema, field)

    def _object(self, schema: dict[str, Any], field: str) -> dict[str, Any]:
        fields = {name: self.value(each, name) for name, each in schema.get("properties", {}).items()}
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            fields |= {words.name(self._dice): self.value(extra, field) for _ in range(2)}
        return fields

    def _array(self, schema: dict[str, Any], field: str) -> list[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, 3))
        wanted = 0 if self._depth > 5 and least == 0 else max(least, min(most, self._dice.randint(2, 3)))
        items = [self.value(schema.get("items", {}), field) for _ in range(wanted)]
        unique = list({json.dumps(item, sort_keys=True): item for item in items}.values())
        return unique if len(unique) >= least else items

    def _integer(self, schema: dict[str, Any], field: str) -> int:
        low, high = self._bounds(schema, 1)
        return self._dice.randint(int(low), int(high))

    def _number(self, schema: dict[str, Any], field: str) -> float:
        low, high = self._bounds(schema, 0)
        margin = (high - low) / 20 if {"exclusiveMinimum", "exclusiveMaximum"} & schema.keys() else 0
        return round(self._dice.uniform(low + margin, high - margin), 3)

    def _bounds(self, schema: dict[str, Any], step: int) -> tuple[float, float]:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -step) + step if "exclusiveMinimum" in schema else 0)
        high = schema.get("maximum", schema.get("exclusiveMaximum", low + 10 + step) - step)
        return float(low), float(max(low, high))

    def _string(self, schema: dict[str, Any], field: str) -> str:
        shape = schema.get("format")
        if shape == "uuid":
            return "00000000-0000-4000-8000-" + f"{self._dice.randrange(16**12):012x}"
        if shape in ("date", "date-time"):
            return "1912-04-02" + ("T08:00:00Z" if shape == "date-time" else "")
        return self._fitted(self._words_for(field), schema)

    def _words_for(self, field: str) -> str:
        if _QUOTES.search(field) and self._sentences:
            return self._dice.choice(self._sentences)
        if _PEOPLE.search(field):
            return self._dice.choice(self._people or list(words.NAMES))
        return self._plain_words_for(field)

    def _plain_words_for(self, field: str) -> str:
        if "title" in field.lower():
            return words.title(self._dice)
        if "name" in field.lower():
            return self._fresh_name()
        if re.search(r"place|location|setting|where", field, re.I):
            return words.place(self._dice)
        if _LONG.fullmatch(field):
            return words.prose(self._dice, words.words_wanted(self._prompt, 120), self._people or None)
        return words.sentence(self._dice, self._people or None)

    def _fresh_name(self) -> str:
        free = [each for each in words.NAMES if each not in self._used] or list(words.NAMES)
        drawn = self._dice.choice(free)
        self._used.add(drawn)
        return drawn

    def _fitted(self, text: str, schema: dict[str, Any]) -> str:
        while len(text) < schema.get("minLength", 0):
            text = f"{text} {words.sentence(self._dice)}"
        most = schema.get("maxLength", len(text))
        if len(text) <= most:
            return text
        whole = text[:most].rsplit(" ", 1)[0]
        return whole if len(whole) >= schema.get("minLength", 0) else text[:most]
