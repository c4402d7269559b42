"""Why a passage reads as it does: who wrote it, what that agent was told, what the check found, what it took."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from chorus.domain.canon import Finding, FindingStatus
from chorus.domain.context import ItemKind
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.story import Revision, RevisionCause
from chorus.ui.markup import draw, paragraphs, safe
from chorus.ui.origin import author_of, origins
from chorus.ui.places import href
from chorus.ui.reads import SceneFile
from chorus.ui.words import (
    AGENTS,
    CATEGORY,
    CAUSE,
    PRUNED_TEXT,
    SEVERITY,
    STEPS,
    TOLD,
    ago,
    cost,
    count,
    latency,
    number,
)

LONGEST_PROMPT = 60_000  # characters of a message that are shown


def show_cause(file: SceneFile, revision: Revision) -> None:
    """Show a text beside everything that led to it."""
    call = author_of(revision, file.revisions, file.calls)
    text, why = st.columns([3, 2], gap="large")
    with text:
        draw(_text(file, revision))
    with why:
        draw(_author(revision, call) + (_figures(call) if call else ""))
        draw(_findings(file, revision))
    manifest = (call.manifest or {}) if call else {}
    if manifest.get("items"):
        draw(_told(file, manifest))
    if call:
        _prompt(call)
    if file.calls:
        draw(_calls(file.calls, call))


def _text(file: SceneFile, revision: Revision) -> str:
    """The paragraphs, each with where it comes from in the margin, said where it changes, with a link to its cause."""
    rows, before = [], None
    for block, since in origins(revision, file.revisions):
        icon, word, css = CAUSE[since.cause]
        shown = "" if since is before else f'<span aria-hidden="true">{icon}</span> {word}, text {since.number}'
        if shown and since.id != revision.id:
            page = href("read", story_id=file.story.id, scene=file.scene.number, desk="cause", text=since.number)
            shown = f'<a href="{safe(page)}">{shown}</a>'
        rows.append(f'<div class="dk-row"><p class="dk-since ch-{css}">{shown}</p>{paragraphs(block)}</div>')
        before = since
    body = "".join(rows) or '<p class="ch-facts">This text is empty.</p>'
    return f'<section class="dk-text" aria-label="The text, and where each paragraph comes from">{body}</section>'


def _author(revision: Revision, call: LLMCall | None) -> str:
    icon, word, css = CAUSE[revision.cause]
    head = f'<p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}</p>'
    note = f'<p class="dk-note" dir="auto">{safe(revision.note)}</p>' if revision.note else ""
    return f'<section class="dk-author"><h2>Who wrote this</h2>{head}<p>{_told_of(revision, call)}</p>{note}</section>'


def _told_of(revision: Revision, call: LLMCall | None) -> str:
    when = safe(ago(revision.created_at))
    if revision.cause is RevisionCause.IMPORT:
        return f"It came with the manuscript, {when}. No model had a part in it."
    if call is None:
        by_person = revision.cause in (RevisionCause.EDIT, RevisionCause.RESTORE)
        return f"A person, {when}." if by_person else f"It was written {when}; the call behind it is not kept."
    agent = safe(AGENTS.get(call.agent, call.agent))
    step = safe(STEPS.get(call.node.partition("/")[0], call.node.replace("_", " ")))
    wrote = f"<b>{agent}</b> {step} with <b>{safe(call.model)}</b>"
    if revision.call_id != call.id:
        return f"A person, {when}, on top of a text for which {wrote}, {safe(ago(call.started_at))}."
    return f"{wrote}, {when}."


def _figures(call: LLMCall) -> str:
    cells = [
        ("Prompt", f"{number(call.prompt_tokens)} tokens"),
        ("Answer", f"{number(call.completion_tokens)} tokens"),
        ("Time", latency(call.latency_ms)),
        ("First word after", latency(call.ttft_ms)),
        ("Cost", cost(call.cost_usd)),
        ("Attempt", f"{call.attempt}, take {call.take}" if call.take else str(call.attempt)),
    ]
    if call.waited_ms >= 1:
        cells.append(("Held back", latency(call.waited_ms)))
    items = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells)
    facts = f"{call.endpoint} · prompt version {call.prompt_version or '–'}"
    temperature = call.settings.get("temperature")
    if temperature is not None:
        facts += f" · temperature {temperature}"
    return f'<dl class="ch-figures dk-figures">{items}</dl><p class="ch-facts">{safe(facts)}</p>'


# --- what the check found


def _findings(file: SceneFile, revision: Revision) -> str:
    found = [finding for finding in file.findings if finding.revision_id == revision.id]
    if not found:
        said = "Nothing was found against this text." if file.calls else "This text was not checked."
        return f'<section class="dk-findings"><h2>What the check found</h2><p class="ch-facts">{said}</p></section>'
    items = "".join(finding_item(finding) for finding in found)
    return f'<section class="dk-findings"><h2>What the check found</h2><ul>{items}</ul></section>'


def finding_item(finding: Finding) -> str:
    """One finding with its two quotes, as an item of a list."""
    severity, css = SEVERITY[finding.severity]
    state = "" if finding.status is FindingStatus.OPEN else f" · {finding.status}"
    where = f"Scene {finding.other_scene}" if finding.other_scene else "What holds in the story"
    other = (
        f'<figure><figcaption>{where}</figcaption><blockquote dir="auto">{safe(finding.other_quote)}</blockquote>'
        "</figure>"
        if finding.other_quote
        else ""
    )
    return (
        f'<li class="dk-finding dk-finding-{css}"><p class="ch-status ch-{css}">{severity} · '
        f"{CATEGORY[finding.category]}{safe(state)}</p>"
        f'<p dir="auto">{safe(finding.description)}</p><div class="dk-quotes">'
        f'<figure><figcaption>This scene</figcaption><blockquote dir="auto">{safe(finding.quote)}</blockquote>'
        f"</figure>{other}</div></li>"
    )


# --- what the prompt was told


def _told(file: SceneFile, manifest: dict[str, Any]) -> str:
    items = [item for item in manifest["items"] if isinstance(item, dict)]
    told = [item for item in items if item.get("included")]
    left_out = [item for item in items if not item.get("included")]
    used, budget = int(manifest.get("used_tokens", 0)), int(manifest.get("budget_tokens", 0))
    said = f"{count(len(told), 'item')} in about {number(used)} of {number(budget)} tokens"
    html = f'<h2 class="ch-heading">What it was told</h2><p class="ch-facts">{said}</p>{_table(file, told, "Told")}'
    if left_out:
        summary = f"{count(len(left_out), 'item')} left out, and why"
        html += f'<details class="dk-out"><summary>{summary}</summary>{_table(file, left_out, "Left out")}</details>'
    return f'<section class="dk-told">{html}</section>'


def _table(file: SceneFile, items: Sequence[dict[str, Any]], name: str) -> str:
    columns = ("What", "From", "Text", "Why", "Tokens")
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = "".join(_item(file, item, columns) for item in items)
    return (
        f'<table class="ch-table dk-table"><caption class="ch-spoken">{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _item(file: SceneFile, item: dict[str, Any], columns: Sequence[str]) -> str:
    kind = str(item.get("kind", ""))
    text = str(item.get("text", ""))
    cells = (
        safe(TOLD[ItemKind(kind)] if kind in set(ItemKind) else kind),
        _source(file, str(item.get("source", ""))),
        f'<span dir="auto">{safe(text)}{"…" if len(text) >= 160 else ""}</span>',
        _why(item),
        number(int(item.get("tokens") or 0)),
    )
    tds = "".join(
        f'<td data-label="{column}"><span>{cell}</span></td>' for column, cell in zip(columns, cells, strict=True)
    )
    return f"<tr>{tds}</tr>"


def _source(file: SceneFile, source: str) -> str:
    """Where an item is from; a scene is a link to it."""
    noun, _, scene = source.partition(" ")
    if noun == "scene" and scene.isdigit():
        page = href("read", story_id=file.story.id, scene=scene)
        return f'<a href="{safe(page)}">Scene {scene}</a>'
    return f'<span dir="auto">{safe(source)}</span>'


def _why(item: dict[str, Any]) -> str:
    parts = [safe(item.get("reason", ""))]
    score, legs = item.get("score"), item.get("legs") or {}
    if isinstance(score, int | float):
        parts.append(f"score {score:.3f}, no. {safe(item.get('rank', '–'))}")
    ranks = (("by meaning", legs.get("vector_rank")), ("by its words", legs.get("lexical_rank")))
    parts += [f"no. {safe(rank)} {leg}" for leg, rank in ranks if rank]
    return " · ".join(part for part in parts if part)


# --- the call itself


def _prompt(call: LLMCall) -> None:
    messages = call.request.get("messages")
    with st.expander("The prompt, word for word", icon=":material/chat:"):
        for message in messages if isinstance(messages, list) else []:
            if isinstance(message, dict):
                draw(_verbatim(str(message.get("role", "")), _content(message.get("content"))))
        if not messages:
            draw('<p class="ch-facts">The prompt of this call is not kept.</p>')
    with st.expander("The answer as it came", icon=":material/forum:"):
        draw(_verbatim(call.model, call.response_text or (PRUNED_TEXT if call.is_pruned else "")))


def _content(content: object) -> str:
    if isinstance(content, list):
        return "\n\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _verbatim(who: str, text: str) -> str:
    cut = f"\n… {number(len(text) - LONGEST_PROMPT)} characters more" if len(text) > LONGEST_PROMPT else ""
    return (
        f'<section class="dk-verbatim"><h3>{safe(who)}</h3>'
        f'<pre dir="auto" tabindex="0">{safe(text[:LONGEST_PROMPT])}{cut}</pre></section>'
    )


def _calls(calls: Sequence[LLMCall], chosen: LLMCall | None) -> str:
    columns = ("When", "Agent", "Step", "Model", "Outcome", "Tokens", "Time", "Cost")
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = ""
    for call in calls:
        mark = ' class="dk-chosen"' if chosen and call.id == chosen.id else ""
        outcome = "good" if call.outcome is Outcome.OK else str(call.outcome).replace("_", " ")
        cells = (
            ago(call.started_at),
            AGENTS.get(call.agent, call.agent),
            call.node.replace("_", " "),
            call.model,
            outcome,
            f"{number(call.prompt_tokens)} + {number(call.completion_tokens)}",
            latency(call.latency_ms),
            cost(call.cost_usd),
        )
        tds = "".join(
            f'<td data-label="{column}"><span>{safe(cell)}</span></td>'
            for column, cell in zip(columns, cells, strict=True)
        )
        rows += f"<tr{mark}>{tds}</tr>"
    return (
        '<section><h2 class="ch-heading">Every call for this scene</h2>'
        '<table class="ch-table dk-calls"><caption class="ch-spoken">Calls for this scene</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )
