"""From a pydantic model to the schema that is asked for, from a text back to the model, and the words of a re-ask."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from chorus.domain.llm_call import Outcome
from chorus.domain.value import storable
from chorus.llm.dialect import JsonSchema, SchemaWish
from chorus.llm.json_text import NoJson, find_json
from chorus.llm.prompt import packed

_PROBLEMS_SHOWN = 6
_PROBLEM_CHARS = 160
_QUOTE_CHARS = 400
_DROPPED = frozenset({"title", "default", "discriminator", "examples"})


@dataclass(frozen=True, slots=True)
class Parsed[M: BaseModel]:
    """What a text turned out to be: a value, or what is wrong with it."""

    outcome: Outcome
    value: M | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape[M: BaseModel]:
    """A model that answers are read into, with its schema prepared once."""

    model: type[M]
    wish: SchemaWish
    packed: str

    def parse(self, text: str) -> Parsed[M]:
        """Read a text into the model; slips are mended, a value that breaks off is not."""
        try:
            found = find_json(text)
        except NoJson as error:
            return Parsed(Outcome.INVALID_JSON, problems=(str(error),))
        try:
            return Parsed(Outcome.OK, self.model.model_validate(self._unwrapped(found)))
        except ValidationError as error:
            return Parsed(Outcome.SCHEMA_MISMATCH, problems=tuple(_in_words(error)))

    def _unwrapped(self, found: Any) -> Any:
        """Take the object out of a list of one, or out of a wrapper with one unknown key."""
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict) and len(found) == 1:
            ((key, inner),) = found.items()
            if isinstance(inner, dict) and key not in self.wish.schema.get("properties", {}):
                return inner
        return found


@cache
def shape_of[M: BaseModel](model: type[M]) -> Shape[M]:
    """Prepare a model once per process."""
    schema = _prepared(model.model_json_schema())
    wish = SchemaWish(name=model.__name__, schema=schema, strict=_can_be_strict(schema))
    return Shape(model, wish, packed(schema))


def reask_words(problems: tuple[str, ...], bad_answer: str) -> str:
    """Say what was wrong with an answer. Bounded: it does not grow with the answer or with the number of re-asks."""
    shown = "\n".join(f"- {problem[:_PROBLEM_CHARS]}" for problem in problems[:_PROBLEMS_SHOWN])
    quote = bad_answer.strip()[:_QUOTE_CHARS]
    said = f"It began:\n{quote}\n\n" if quote else ""
    return (
        f"An earlier answer to this could not be used:\n{shown}\n\n{said}"
        "Answer again, complete, with one JSON object and nothing else."
    )


def _in_words(error: ValidationError) -> list[str]:
    """List what a validation found, without the input values and without links."""
    return [
        storable(f"{'.'.join(str(part) for part in problem['loc']) or 'the object'}: {problem['msg']}")
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _prepared(schema: JsonSchema) -> JsonSchema:
    """Rewrite a pydantic schema into the subset that strict endpoints and grammars take."""
    prepared: JsonSchema = _simplified(schema)
    if "$ref" in prepared:  # a model that contains itself
        target = prepared["$defs"][prepared["$ref"].rsplit("/", 1)[-1]]
        prepared = {**target, "$defs": prepared["$defs"]}
    return prepared


def _simplified(node: Any) -> Any:
    if isinstance(node, list):
        return [_simplified(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = _without_neighbours(node)
    plain = {key: _member(key, value) for key, value in node.items() if key not in _DROPPED}
    if "oneOf" in plain:
        plain["anyOf"] = plain.pop("oneOf")
    if plain.get("type") == "object" and "properties" in plain:
        plain["additionalProperties"] = False
        plain["required"] = list(plain["properties"])
    return plain


def _member(key: str, value: Any) -> Any:
    """Simplify below a keyword; under ``properties`` and ``$defs`` the keys are names, not keywords."""
    if key in ("properties", "$defs"):
        return {name: _simplified(item) for name, item in value.items()}
    return value if key in ("enum", "const", "required") else _simplified(value)


def _without_neighbours(node: JsonSchema) -> JsonSchema:
    """Rewrite what strict mode forbids: a reference with a description beside it, an ``allOf``."""
    if "allOf" in node:
        node = {"anyOf" if key == "allOf" else key: value for key, value in node.items()}
    neighbours = {key: value for key, value in node.items() if key not in ("$ref", *_DROPPED)}
    if "$ref" in node and neighbours and "$defs" not in neighbours:
        return {"anyOf": [{"$ref": node["$ref"]}], **neighbours}
    return node


def _can_be_strict(node: Any) -> bool:
    """Whether every object names its fields and every value its type."""
    if isinstance(node, list):
        return all(_can_be_strict(item) for item in node)
    if not isinstance(node, dict):
        return True
    if node.get("type") == "object" and "properties" not in node:
        return False
    children = [*node.get("properties", {}).values(), *node.get("$defs", {}).values(), *node.get("anyOf", [])]
    children += [node[key] for key in ("items",) if key in node]
    typed = {"type", "$ref", "anyOf", "enum", "const"} & node.keys()
    return bool(typed) and all(_can_be_strict(child) for child in children)
