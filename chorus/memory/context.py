"""Choose what a scene's prompt is told: first what must be there, then what is worth most, up to a budget of tokens."""

from collections.abc import Sequence

from chorus.domain.context import Choice, ContextItem, SceneContext, estimate_tokens

ALWAYS_LIMIT = 1600
"""Most characters of an item that must be there: a bound on the prompt, whatever the story holds."""


def assemble(items: Sequence[ContextItem], budget_tokens: int) -> SceneContext:
    """Choose among ``items``, given most important first; they are told in the same order.

    Items that must be there are shortened rather than left out. An item whose text was told already is left out.
    """
    always = [_shortened(item) for item in items if item.always]
    left = budget_tokens - sum(estimate_tokens(item.text) for item in always)
    choices: list[Choice] = []
    told: set[str] = set()
    for item in items:
        candidate = _shortened(item) if item.always else item
        tokens = estimate_tokens(candidate.text)
        if candidate.text in told:
            choices.append(_choice(candidate, tokens, "told already", included=False))
        elif item.always:
            choices.append(_choice(candidate, tokens, "always told", included=True))
        elif tokens <= left:
            left -= tokens
            choices.append(_choice(candidate, tokens, "within the budget", included=True))
        else:
            choices.append(_choice(candidate, tokens, "over the budget", included=False))
        if choices[-1].included:
            told.add(candidate.text)
    return SceneContext(choices=tuple(choices), budget_tokens=budget_tokens)


def _choice(item: ContextItem, tokens: int, reason: str, *, included: bool) -> Choice:
    return Choice(item=item, tokens=tokens, included=included, reason=reason)


def _shortened(item: ContextItem) -> ContextItem:
    if len(item.text) <= ALWAYS_LIMIT:
        return item
    return item.model_copy(update={"text": item.text[:ALWAYS_LIMIT].rsplit(" ", 1)[0] + " …"})
