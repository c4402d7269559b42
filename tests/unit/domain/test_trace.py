from datetime import UTC, datetime, timedelta
from uuid import uuid4

from chorus.domain.trace import Span, Step, critical_path, followed, steps, stretches

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)


def span(node: str, began_s: float, took_s: float, scene: int | None = None, **changes: object) -> Span:
    values: dict[str, object] = {
        "id": uuid4(),
        "scene_number": scene,
        "agent": "scene_generator",
        "node": node,
        "node_path": node,
        "attempt": 1,
        "model": "m",
        "outcome": "ok",
        "prompt_tokens": 1,
        "cached_tokens": 0,
        "completion_tokens": 1,
        "cost_usd": None,
        "ttft_ms": None,
        "latency_ms": took_s * 1000,
        "waits": {},
        "started_at": BEGIN + timedelta(seconds=began_s),
        "ended_at": None,
    }
    return Span.model_validate({**values, **changes})


def test_the_critical_path_is_what_the_run_waited_for() -> None:
    plan = span("plan", 0, 10)
    check, digest = span("check", 10, 2, 1), span("digest", 10, 5, 1)
    last = span("draft", 18, 3, 2, waits={"limiter": 3000.0})
    assert critical_path([check, last, plan, digest]) == [plan.id, digest.id, last.id]
    assert critical_path([]) == []


def test_a_path_ends_with_calls_that_took_no_time() -> None:
    spans = [span("a", 0, 0), span("b", 0, 0), span("c", 0, 1)]
    assert len(critical_path(spans)) <= 2


def test_calls_stand_by_their_place_in_the_story_and_say_what_they_are() -> None:
    chapter = span("integrate", 9, 1, node_path="chapter/1/integrate")
    again = span("draft", 5, 1, 1, attempt=2)
    reasked = span("digest", 6, 1, 1, node_path="scene/1/digest/reask/1")
    grouped = stretches([chapter, again, reasked, span("plan", 0, 1)])
    assert [place for place, _ in grouped] == ["Plan", "Scene 1", "Chapters"]
    assert [each.kind for each in (again, reasked, chapter)] == ["retry", "re-ask", ""]


def test_a_call_came_after_the_last_of_its_own_scene_else_after_the_last_of_all() -> None:
    plan = span("plan", 0, 4)
    one, other = span("draft", 4, 3, 1), span("draft", 4, 2, 2)
    check, digest = span("check", 7, 1, 1), span("digest", 6, 5, 2)
    before = followed([digest, check, other, one, plan])
    assert {call.id: before[call.id].id for call in (one, other, check, digest)} == {
        one.id: plan.id, other.id: plan.id, check.id: one.id, digest.id: other.id,
    }  # fmt: skip
    assert plan.id not in before


def test_steps_are_counted_with_how_often_the_run_waited_for_them() -> None:
    plan = span("plan", 0, 4)
    drafts = [span("draft", 4 + 3 * n, 2, n + 1) for n in range(3)]
    checks = [span("check", 6 + 3 * n, 1, n + 1) for n in range(3)]
    short = span("digest", 6, 0.2, 1)
    assert steps([plan, *drafts, *checks, short]) == [
        Step(before="draft", after="check", times=3, critical=3),
        Step(before="check", after="draft", times=2, critical=2),
        Step(before="draft", after="digest", times=1, critical=0),
        Step(before="plan", after="draft", times=1, critical=1),
    ]


def test_thousands_of_calls_are_followed_at_once() -> None:
    many = [span("draft", n, 1, n) for n in range(1, 2001)]
    assert len(followed(many)) == 1999
