"""The steps that may be told more in a prompt are those that ask for something."""

import ast
from pathlib import Path

from chorus.agents import prompts
from chorus.domain.nodes import IN_ONE_ANSWER, JUDGING, PLANNING, WRITING


def test_every_prompt_has_its_node_among_those_that_are_known() -> None:
    asked: set[str] = set()
    for module in Path(next(iter(prompts.__path__))).glob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                first = call.args[:1] if call.func.id in {"_ask", "ask_architect"} else []
                named = [each.value for each in call.keywords if each.arg == "node" and call.func.id == "Prompt"]
                asked |= {str(each.value) for each in [*first, *named] if isinstance(each, ast.Constant)}
    assert asked == {*PLANNING, *WRITING, IN_ONE_ANSWER, *JUDGING}
