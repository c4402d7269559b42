"""Choose what a scene's prompt is told: first what must be there, then what is worth most, up to a budget of tokens."""

from collections.abc import Sequence

from chorus.domain.context import Choice, ContextItem, ItemKind, SceneContext, estimate_tokens

ALWAYS_LIMIT = 1600
"""Most characters of an item that must be there: a bound on the prompt, whatever the story holds."""
LEAST = 80
"""Characters that are left of it even where the budget is far too small."""


SPARE_SHARE = 0.1
"""Of the budget, for what is further back: so prompts grow with the budget, and not with the story."""


def assemble(items: Sequence[ContextItem], budget_tokens: int) -> SceneContext:
    """Choose among ``items``, given most important first; they are told in the same order.

    Items that must be there are shortened rather than left out, all to the same length. An item whose text was told
    already is left out. Of what is ``spare`` only a small part of the budget is told, the first ones first.
    """
    limit = _limit_within([item.text for item in items if item.always], budget_tokens)
    left = budget_tokens - sum(estimate_tokens(_shortened(item, limit).text) for item in items if item.always)
    spare = int(budget_tokens * SPARE_SHARE)
    choices: list[Choice] = []
    told: set[str] = set()
    for item in items:
        candidate = _shortened(item, limit) if item.always else item
        tokens = estimate_tokens(candidate.text)
        if candidate.text in told:
            choices.append(_choice(candidate, tokens, "told already", included=False))
        elif item.always:
            reason = "always told" if candidate.text == item.text else "always told, shortened"
            choices.append(_choice(candidate, tokens, reason, included=True))
        elif item.spare and spare < tokens <= left:
            choices.append(_choice(candidate, tokens, "too far back for the budget", included=False))
        elif tokens <= left:
            left -= tokens
            spare -= tokens if item.spare else 0
            choices.append(_choice(candidate, tokens, "within the budget", included=True))
        else:
            choices.append(_choice(candidate, tokens, "over the budget", included=False))
        if choices[-1].included:
            told.add(candidate.text)
    return SceneContext(choices=tuple(choices), budget_tokens=budget_tokens)


def _choice(item: ContextItem, tokens: int, reason: str, *, included: bool) -> Choice:
    return Choice(item=item, tokens=tokens, included=included, reason=reason)


def _limit_within(texts: Sequence[str], budget_tokens: int) -> int:
    """The most characters of each text with which all of them are within the budget."""
    limit = ALWAYS_LIMIT
    while limit > LEAST and sum(estimate_tokens(text[:limit]) for text in texts) > budget_tokens:
        limit = max(LEAST, limit * 3 // 4)
    return limit


def _shortened(item: ContextItem, limit: int) -> ContextItem:
    """The beginning of an item's text; of how a scene ended, its end."""
    text = item.text
    if len(text) <= limit:
        return item
    if item.kind is ItemKind.ENDING:
        return item.model_copy(update={"text": "… " + text[2 - limit :].split(" ", 1)[-1]})
    return item.model_copy(update={"text": text[: limit - 2].rsplit(" ", 1)[0] + " …"})
