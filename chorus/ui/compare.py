"""What a run was expected to take, beside what it has taken."""

from chorus.domain.estimate import Estimate
from chorus.domain.run import RunSummary
from chorus.ui.markup import safe
from chorus.ui.words import cost, cost_of, duration, number, roughly


def against(estimate: Estimate, taken: RunSummary) -> str:
    """A small table: expected, at most, and so far."""
    price = estimate.cost_usd
    prompt, completion = estimate.prompt_tokens, estimate.completion_tokens
    rows = (
        ("Calls", number(estimate.llm_calls.p50), number(estimate.llm_calls.p90), number(taken.llm_calls)),
        (
            "Tokens",
            number(prompt.p50 + completion.p50),
            number(prompt.p90 + completion.p90),
            number(taken.prompt_tokens + taken.completion_tokens),
        ),
        (
            "Cost",
            cost_of(price.p50) if price else "not known",
            cost_of(price.p90) if price else "not known",
            cost(taken.cost_usd),
        ),
        ("Time", roughly(estimate.wall_s.p50), roughly(estimate.wall_s.p90), duration(taken.wall_s)),
    )
    names = ("", "Expected", "Nine of ten stay under", "Taken")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td data-label="{n}"><span>{safe(v)}</span></td>' for n, v in zip(names[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        '<details class="dk-out"><summary>Expected and taken</summary><table class="ch-table ch-compare">'
        f'<caption class="ch-spoken">Expected and taken</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></details>"
    )
