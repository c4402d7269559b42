"""What runs where and how it is: workers and what they do, every part, and how to connect a better model."""

from collections.abc import Iterable

import streamlit as st

from chorus.domain.endpoint import EndpointState, LimitState, Traffic
from chorus.domain.run import OpenRun, RunStatus
from chorus.domain.worker import Worker
from chorus.errors import ChorusError
from chorus.inspection import Area, Condition, Part, Report
from chorus.ui import reads
from chorus.ui.backend import waking
from chorus.ui.checkup import checkup
from chorus.ui.markup import draw, excerpt, safe, worded
from chorus.ui.places import href
from chorus.ui.reads import Staff
from chorus.ui.standstill import NO_WORKER
from chorus.ui.states import explain
from chorus.ui.words import CONDITION, RUN_STATUS, STAGES, ago, count, duration, number, titled

STAFF_S = 3.0
CHECKING_S = 1.0
AREAS = {Area.MACHINE: "Machine", Area.DATABASE: "Database", Area.MODELS: "Models", Area.WORK: "Services"}
_OF_A_MODEL = "llm "
OURSELVES = "dashboard"  # whoever reads this page knows that it is served

_REMOTE = """OPENAI_API_BASE=https://api.openai.com/v1
OPENAI_API_KEY=sk-...
STORY_ARCHITECT_MODEL=gpt-4-turbo
SCENE_GENERATOR_MODEL=gpt-4-turbo
CONTINUITY_EDITOR_MODEL=gpt-4-turbo"""
_LOCAL = """OPENAI_API_BASE=http://localhost:11434/v1
STORY_ARCHITECT_MODEL=qwen3:32b"""


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>System</h1><p>Who writes, what waits, and how every part of the house '
        "is doing. Nothing here costs a call to a model.</p></header>"
    )


# --- who works


def show_staff() -> None:
    """Show the workers, the queue and the runs, live."""
    st.fragment(_staff, run_every=STAFF_S, key="staff")()


def _staff() -> None:
    try:
        with waking():
            staff = reads.staff()
    except ChorusError as error:
        explain(error)
        return
    _heading("At work")
    draw(_queue(staff))
    if not staff.workers:
        draw(f'<section class="ch-note ch-note-paused"><h3>No worker is there</h3><p>{NO_WORKER}</p></section>')
    if staff.workers:
        rows = (_worker(worker, staff) for worker in staff.workers)
        draw(_table("Workers", ("Worker", "Works on", "At once", "Version", "Since", "Last seen"), rows))
    if staff.runs:
        rows = (_run(run, staff) for run in staff.runs)
        draw(_table("Runs", ("Story", "State", "Stage", "Who", "Begun"), rows))
    draw(f'<h3 class="ch-subheading">Ways to the models</h3>{_traffic(staff.traffic)}')


def _queue(staff: Staff) -> str:
    waited = duration(staff.queue.oldest_wait_s) if staff.queue.oldest_wait_s is not None else "–"
    cells = (
        ("Workers", number(len(staff.workers))),
        ("Being written", number(sum(run.is_held for run in staff.runs))),
        ("Waiting", number(staff.queue.waiting)),
        ("Longest wait", waited),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    return f'<dl class="ch-figures">{items}</dl>'


def _worker(worker: Worker, staff: Staff) -> tuple[str, ...]:
    at_work = [run for run in staff.runs if run.run_id in worker.runs]
    return (
        f"<b>{safe(worker.host)}</b>, process {worker.pid}",
        ", ".join(map(_link, at_work)) or "nothing just now",
        number(worker.concurrency),
        safe(worker.version),
        safe(ago(worker.started_at)),
        safe(ago(worker.seen_at)),
    )


def _run(run: OpenRun, staff: Staff) -> tuple[str, ...]:
    icon, word, css = RUN_STATUS[run.status]
    return (
        _link(run),
        f'<span class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}</span>',
        STAGES[run.stage][0],
        safe(_who(run, staff)),
        safe(ago(run.created_at)),
    )


def _who(run: OpenRun, staff: Staff) -> str:
    if run.status is RunStatus.QUEUED:
        return "the next free worker" if run.dispatched else "nobody yet"
    if not run.is_held:
        return "nobody just now"
    host, _, process = (run.lease_owner or "").partition(":")
    by = "a worker" if any(worker.owner == run.lease_owner for worker in staff.workers) else "a command"
    return f"{by} on {host}, process {process.partition(':')[0]}"


def _traffic(traffic: Traffic) -> str:
    """The circuit breaker of each endpoint, and the limits per minute."""
    if not traffic.endpoints and not traffic.limits:
        return '<p class="ch-facts">No model was asked yet. Whether each is well will be told here.</p>'
    shown = ""
    if traffic.endpoints:
        rows = (
            (safe(each.place), _health(each), safe((each.format or "not known yet").replace("_", " ")))
            for each in traffic.endpoints
        )
        shown += _table("Endpoints", ("Endpoint and model", "Circuit breaker", "Asked for JSON by"), rows)
    limits = [limit for limit in traffic.limits if limit.name.startswith(_OF_A_MODEL)]
    if limits:
        booked = ((safe(limit.name.removeprefix(_OF_A_MODEL)), _booked(limit)) for limit in limits)
        shown += _table("Limits", ("Limit per minute at", "The next call"), booked)
    return shown


def _health(endpoint: EndpointState) -> str:
    if endpoint.next_try_s is None:
        return '<span class="ch-status ch-good"><span aria-hidden="true">✓</span> closed: calls pass</span>'
    when = f"one call tries in {duration(endpoint.next_try_s)}" if endpoint.next_try_s >= 1 else "one call may try now"
    told = f", tried {endpoint.tries} times" if endpoint.tries else ""
    return f'<span class="ch-status ch-bad"><span aria-hidden="true">✕</span> open: calls wait, {when}{told}</span>'


def _booked(limit: LimitState) -> str:
    return "may pass at once" if limit.booked_s < 1 else f"turns are given away for the next {duration(limit.booked_s)}"


def _link(run: OpenRun) -> str:
    title = safe(excerpt(titled(run.title), 60))
    return f'<a href="{safe(href("story", story_id=run.story_id))}" dir="auto">{title}</a>'


def _table(name: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already."""
    names = list(columns)
    head = "".join(f'<th scope="col">{column}</th>' for column in names)
    body = "".join(f"<tr>{''.join(map(_cell, names, row))}</tr>" for row in rows)
    return (
        f'<table class="ch-table"><caption class="ch-spoken">{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(column: str, markup: str) -> str:
    return f'<td data-label="{column}"><span>{markup}</span></td>'


# --- every part


def show_parts() -> None:
    """Show the inspection; while one is under way, look every second whether it is done."""
    _, under_way = checkup().look()
    st.fragment(_parts, run_every=CHECKING_S if under_way else None, key="parts")(under_way)


def _parts(was_under_way: bool) -> None:
    report, under_way = checkup().look()
    if under_way != was_under_way:
        st.rerun()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        _heading("Every part")
        if st.button("Look again", icon=":material/refresh:", disabled=under_way, key="look-again"):
            checkup().again()
            st.rerun()
    if report is None:
        draw('<p class="ch-facts" role="status">Looking at every part; this takes a few seconds…</p>')
        return
    draw(_verdict(report))
    draw(f'<div class="ch-parts">{"".join(_area(area, report) for area in Area)}</div>')


def _verdict(report: Report) -> str:
    problems, warnings = (len(report.which_are(each)) for each in (Condition.PROBLEM, Condition.WARNING))
    worst = Condition.PROBLEM if problems else Condition.WARNING if warnings else Condition.OK
    told = [count(n, noun) for n, noun in ((problems, "problem"), (warnings, "warning")) if n]
    icon, _, css = CONDITION[worst]
    said = f"{' and '.join(told)}; what to do stands beside each" if told else "All is well"
    when = f"Chorus {safe(report.version)}, looked at {safe(ago(report.inspected_at))}"
    return (
        f'<p role="status"><span class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {said}</span> '
        f'<span class="ch-facts">· {when}</span></p>'
    )


def _area(area: Area, report: Report) -> str:
    parts = "".join(_part(part) for part in report.parts if part.area is area and part.name != OURSELVES)
    return f'<section><h3>{AREAS[area]}</h3><ul class="ch-part-list">{parts}</ul></section>' if parts else ""


def _part(part: Part) -> str:
    icon, word, css = CONDITION[part.condition]
    version = f'<span class="ch-part-version">{safe(part.version)}</span>' if part.version else ""
    location = f'<p class="ch-facts"><code>{safe(part.location)}</code></p>' if part.location else ""
    remedy = "".join(f'<p class="ch-remedy">{worded(line)}</p>' for line in (part.remedy or "").splitlines())
    return (
        f'<li class="ch-part"><span class="ch-part-mark ch-{css}" aria-hidden="true">{icon}</span>'
        f'<p><b>{safe(part.title)}</b><span class="ch-spoken"> ({word})</span>{version}</p>'
        f"<p>{worded(part.said)}</p>{location}{remedy}</li>"
    )


# --- a better model


def show_how_to_connect() -> None:
    """Say how a larger model is connected, with the lines to copy."""
    _heading("Connect a better model")
    draw(
        '<p class="ch-prose">The model that comes with Chorus is small, so that everything works without a key. '
        "Any endpoint that speaks the OpenAI protocol can write instead, and a large one writes far better. "
        "Put these lines into a file named <code>.env</code> in the folder you start Chorus from, with your own key "
        "and models, then start the app and the workers anew.</p>"
    )
    far, near = st.columns(2, gap="large")
    with far:
        draw('<h3 class="ch-subheading">A provider</h3>')
        st.code(_REMOTE, language=None)
    with near:
        draw('<h3 class="ch-subheading">A server of your own (Ollama, vLLM, llama.cpp)</h3>')
        st.code(_LOCAL, language=None)
    draw(
        '<p class="ch-facts">Each agent can have a model, an endpoint and a key of its own; '
        "<code>.env.example</code> lists every setting, and <code>chorus doctor</code> says whether they work.</p>"
    )


def _heading(text: str) -> None:
    draw(f'<h2 class="ch-heading">{text}</h2>')
