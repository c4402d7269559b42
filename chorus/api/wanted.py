"""Which calls of the ledger are meant, as its list and its sums are asked."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime

from chorus.api.asked import OfRun, OfStory
from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import CallFilter
from chorus.settings import AgentName

Name = Annotated[str, Query(max_length=200)]


def _wanted(  # noqa: PLR0913, PLR0917 - an argument for each parameter
    since: Annotated[
        AwareDatetime | None, Query(description="Begun then or later.", examples=["2026-11-22T00:00:00Z"])
    ] = None,
    until: Annotated[AwareDatetime | None, Query(description="Begun before that.")] = None,
    story_id: OfStory = None,
    run_id: OfRun = None,
    agent: Annotated[list[AgentName] | None, Query(max_length=10, description="Only of these agents.")] = None,
    node: Annotated[list[Name] | None, Query(max_length=50, description="Only of these nodes.")] = None,
    model: Annotated[list[Name] | None, Query(max_length=50, description="Only of these models.")] = None,
    prompt_version: Annotated[list[Name] | None, Query(max_length=50, description="Only of these prompts.")] = None,
    outcome: Annotated[list[Outcome] | None, Query(max_length=50, description="Only those that ended so.")] = None,
) -> CallFilter:
    return CallFilter(
        since=since,
        until=until,
        story_id=story_id,
        run_id=run_id,
        agents=tuple(agent or ()),
        nodes=tuple(node or ()),
        models=tuple(model or ()),
        prompt_versions=tuple(prompt_version or ()),
        outcomes=tuple(outcome or ()),
    )


Wanted = Annotated[CallFilter, Depends(_wanted)]
