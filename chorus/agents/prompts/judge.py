"""How a judge is asked for marks, and for which of two stories is better."""

from chorus.llm.prompt import Prompt

LEFT_OUT = "[What is between is left out here.]"
_SYSTEM = "You are a critic who reads closely and judges fairly. Length is no merit, and neither is coming first."


def mark(premise: str, text: str) -> Prompt:
    """Ask for a mark from 1 to 5 in each respect."""
    user = (
        f"The premise: {premise}\n\nA story that was written from it:\n\n{text}\n\n"
        "Give it marks from 1 (poor) to 5 (excellent) for its plot, its characters, how coherent it is, its prose and its ending, and say in "
        "one sentence why. Answer with JSON on one line."
    )
    return _ask("judge_story", user)


def prefer(premise: str, first: str, second: str) -> Prompt:
    """Ask which of two stories is better."""
    user = (
        f"The premise: {premise}\n\nThe first story:\n\n{first}\n\n---\n\nThe second story:\n\n{second}\n\n---\n\n"
        "Which is the better story? Say first, second or neither, and in one sentence why. Answer with JSON on one line."
    )
    return _ask("judge_pair", user)


def _ask(node: str, user: str) -> Prompt:
    return Prompt(
        agent="continuity_editor",
        node=node,
        version=f"{node}/1",
        system=_SYSTEM,
        user=user,
        max_tokens=250,
        temperature=0.0,
    )
