"""How an endpoint wants to be asked: which parameters it knows. Starts with everything and concedes what is refused."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from chorus.llm.prompt import Prompt

type JsonSchema = dict[str, Any]


class Format(StrEnum):
    """Ways of asking for JSON, from the strictest."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    NONE = "none"


_HUMBLER = {Format.JSON_SCHEMA: Format.JSON_OBJECT, Format.JSON_OBJECT: Format.NONE}
_ON_ONE_LINE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_ABOUT_FORMAT = re.compile(r"response_format|json_schema|json_object|structured output|grammar|guided|schema", re.I)
_ABOUT_LIMIT = re.compile(r"max_completion_tokens", re.I)
_ABOUT_TEMPERATURE = re.compile(r"temperature", re.I)
_ABOUT_STOP = re.compile(r"\bstop\b", re.I)
_ABOUT_USAGE = re.compile(r"stream_options|include_usage", re.I)
_ABOUT_OTHER_THINGS = re.compile(r"context|token|length|model|content|policy|message", re.I)


@dataclass(frozen=True, slots=True)
class SchemaWish:
    """The JSON that is wanted."""

    name: str
    schema: JsonSchema
    strict: bool
    """Whether the schema keeps to the subset that strict mode takes."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The parameters an endpoint and model accept, as far as is known."""

    format: Format = Format.JSON_SCHEMA
    limit_name: str = "max_tokens"
    temperature: bool = True
    stop: bool = True
    stream_options: bool = True

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> "Dialect | None":
        """Read a dialect that was kept; None if it was kept by a version that spoke of other things."""
        names = {each.name for each in fields(cls)}
        if set(words) != names:
            return None
        try:
            return cls(**{**words, "format": Format(words["format"])})
        except ValueError:
            return None

    def concede(self, error: str, *, structured: bool) -> "Dialect | None":
        """Give the next humbler dialect after a 400 with this text, or None if the text is about something else."""
        if self.limit_name == "max_tokens" and _ABOUT_LIMIT.search(error):
            return replace(self, limit_name="max_completion_tokens")
        if self.stream_options and _ABOUT_USAGE.search(error):
            return replace(self, stream_options=False)
        if self.temperature and _ABOUT_TEMPERATURE.search(error):
            return replace(self, temperature=False)
        if self.stop and _ABOUT_STOP.search(error):
            return replace(self, stop=False)
        may_be_format = _ABOUT_FORMAT.search(error) or not _ABOUT_OTHER_THINGS.search(error)
        if structured and may_be_format and self.format in _HUMBLER:
            return replace(self, format=_HUMBLER[self.format])
        return None

    def body(self, prompt: Prompt, model: str, temperature: float, wish: SchemaWish | None) -> JsonSchema:
        """Write the request in this dialect."""
        body: JsonSchema = {"model": model, "messages": prompt.messages, self.limit_name: prompt.max_tokens}
        if self.temperature:
            body["temperature"] = temperature
        if self.stop and prompt.stop:
            body["stop"] = list(prompt.stop)
        if self.stream_options:
            body["stream_options"] = {"include_usage": True}
        return body if wish is None else self._ask_for_json(body, wish)

    def _ask_for_json(self, body: JsonSchema, wish: SchemaWish) -> JsonSchema:
        if self.format is Format.JSON_SCHEMA:
            asked = {"name": wish.name, "schema": wish.schema, "strict": wish.strict}
            return {**body, "response_format": {"type": "json_schema", "json_schema": asked}}
        schema = json.dumps(wish.schema, ensure_ascii=False)
        words = f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"
        *before, last = body["messages"]
        spoken = {**body, "messages": [*before, {**last, "content": f"{last['content']}\n\n{words}"}]}
        if self.format is Format.JSON_OBJECT:
            spoken["response_format"] = {"type": "json_object"}
        return spoken


def with_grammar(body: JsonSchema) -> JsonSchema:
    """The same request with its schema as a grammar that allows no line breaks: a small model writes a third less."""
    form = body.get("response_format", {})
    if form.get("type") != Format.JSON_SCHEMA:
        return body
    schema = {"x-guidance": _ON_ONE_LINE, **form["json_schema"]["schema"]}
    rest = {name: value for name, value in body.items() if name != "response_format"}
    return {**rest, "grammar": f"%llguidance {{}}\nstart: %json {json.dumps(schema, ensure_ascii=False)}"}
