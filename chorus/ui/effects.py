"""What an edit touches, as people read it: the words, the facts, and the scenes that used them with the reasons."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from chorus.domain.edit import EditEffects, FactChange, SceneUse, Verdict
from chorus.ui.markup import safe
from chorus.ui.orders import give
from chorus.ui.places import href
from chorus.ui.versions import marked
from chorus.ui.words import VERDICT, count, number

LONGEST_NOTE = 1_500
MOST_FACTS_OPEN = 5


def told(effects: EditEffects) -> str:
    """What an edit touches, as HTML: the words, the facts, the scenes that used them with the reasons."""
    if all(piece.kind == "same" for piece in effects.pieces) and not effects.facts:
        return '<p role="status">Nothing: the text is the same as before.</p>'
    parts = [_verdict(effects)]
    facts = "".join(map(_fact, effects.changed_facts))
    if facts:
        parts.append(f'<h3 class="ch-subheading">Facts</h3><ul class="dk-facts">{facts}</ul>')
    if effects.details:
        names = ", ".join(f'<b dir="auto">{safe(detail)}</b>' for detail in effects.details)
        parts.append(f"<p>Names and numbers that come or go: {names}.</p>")
    if effects.uses:
        uses = "".join(_use(effects.story_id, use) for use in effects.uses)
        parts.append(f'<h3 class="ch-subheading">Scenes that used them</h3><ul class="dk-uses">{uses}</ul>')
    parts.append(f'<details class="dk-out"><summary>The words</summary><div class="dk-side">{marked(effects.pieces)}'
                 "</div></details>")  # fmt: skip
    return f'<section class="dk-effects">{"".join(parts)}</section>'


def told_of_canon(effects: EditEffects) -> str:
    """What a change of a fact, of somebody or of a relation touches, as HTML; no text changes by it."""
    facts = "".join(map(_fact, effects.facts))
    parts = [f'<ul class="dk-facts">{facts}</ul>'] if facts else []
    parts += [f'<p dir="auto">{safe(detail)}</p>' for detail in effects.details]
    if effects.uses:
        uses = "".join(_use(effects.story_id, use) for use in effects.uses)
        heading = f"{count(len(effects.uses), 'scene')} built on it; their texts stay until you have them written again"
        parts.append(f'<h3 class="ch-subheading">{heading}</h3><ul class="dk-uses">{uses}</ul>')
    else:
        parts.append('<p role="status"><b>No scene that is written was built on it.</b></p>')
    return f'<section class="dk-effects">{"".join(parts)}</section>'


def told_of_plan(facts: Sequence[FactChange], uses: Sequence[SceneUse], story_id: UUID) -> str:
    """What another plan puts at stake, as HTML: the scenes with the reasons, and the facts, folded if they are many."""
    parts = []
    if uses:
        alike: dict[tuple[str, ...], list[SceneUse]] = {}
        for use in uses:
            alike.setdefault(use.reasons, []).append(use)
        scenes = "".join(_used(story_id, each) for each in alike.values())
        heading = f"{count(len(uses), 'written scene')} {'hangs' if len(uses) == 1 else 'hang'} on it"
        parts.append(f'<h3 class="ch-subheading">{heading}</h3><ul class="dk-uses">{scenes}</ul>')
    if facts:
        items = "".join(map(_fact, facts))
        many = "" if len(facts) <= MOST_FACTS_OPEN else "<details><summary>Show them</summary>"
        heading = f"{count(len(facts), 'fact')} at stake; a fact changes when its scene is written again"
        listed = f'{many}<ul class="dk-facts">{items}</ul>{many and "</details>"}'
        parts.append(f'<h3 class="ch-subheading">{heading}</h3>{listed}')
    return f'<div class="dk-effects">{"".join(parts)}</div>' if parts else ""


def offer_again(effects: EditEffects) -> bool:
    """Offer to write scenes again that used what has changed; says whether they will be."""
    free = {use.scene_number: use.title for use in effects.uses if not use.locked}
    if not free:
        return False
    with st.form("redo", border=False):
        chosen = st.multiselect(
            "Write again", list(free), [], format_func=lambda scene: f"{scene}. {free[scene]}", key="redo-scenes"
        )
        note = st.text_input("Note to the writer (optional)", max_chars=LONGEST_NOTE, key="redo-note")
        sent = st.form_submit_button("Write the chosen scenes again", icon=":material/ink_pen:")
    if not (sent and chosen):
        return False
    scenes = sorted(chosen)
    run = give(lambda studio: studio.redo_scenes(effects.story_id, scenes, note.strip(), dispatch=True))
    return run is not None


def _verdict(effects: EditEffects) -> str:
    words = f"{number(effects.words_before)} words become {number(effects.words_after)}."
    if effects.style_only:
        said = "Only the style changes: no fact that anything was built on. No other scene is touched."
    else:
        changed = len(effects.changed_facts)
        facts = f"{count(changed, 'fact')} of the canon {'changes' if changed == 1 else 'change'}"
        what = facts if changed else "No fact of the canon changes, but names or numbers do"
        said = f"{what}; {count(len(effects.uses), 'later scene')} used what stood here."
    stale = " The scene’s summary still says what no longer holds." if effects.stale_summary else ""
    return f'<p role="status"><b>{said}</b> {words}{stale}</p>'


def _fact(change: FactChange) -> str:
    icon, word, css = VERDICT[change.verdict]
    before = f'<del dir="auto">{safe(change.before.statement)}</del>' if change.before else ""
    after = f'<ins dir="auto">{safe(change.after.statement)}</ins>' if change.after else ""
    if change.verdict is Verdict.KEPT:
        after = ""
    elif change.before and change.after and change.before.statement == change.after.statement:
        before, after = "", f'<span dir="auto">{safe(change.after.statement)}</span>'  # only whom it is about
    elif change.verdict is Verdict.AT_STAKE:  # nothing has changed yet
        before, after = "", f'<span dir="auto">{safe(change.before.statement)}</span>' if change.before else ""
    return (
        f'<li><p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {word}</p>'
        f'<p class="dk-change">{before} {after}</p><p class="ch-facts">{safe(change.reason)}</p></li>'
    )


def _use(story_id: UUID, use: SceneUse) -> str:
    return _used(story_id, [use])


def _used(story_id: UUID, uses: Sequence[SceneUse]) -> str:
    """Scenes that are listed for the same reasons."""
    scenes = ", ".join(_link(story_id, use) for use in uses)
    reasons = "".join(f'<li dir="auto">{safe(reason)}</li>' for reason in uses[0].reasons)
    return f'<li><p>{scenes}</p><ul class="dk-reasons">{reasons}</ul></li>'


def _link(story_id: UUID, use: SceneUse) -> str:
    page = safe(href("read", story_id=story_id, scene=use.scene_number))
    locked = ' <span class="ch-facts">· locked</span>' if use.locked else ""
    title = f'<span dir="auto">{safe(use.title or "Untitled")}</span>'
    return f'<a href="{page}"><b>{use.scene_number}.</b> {title}</a>{locked}'
