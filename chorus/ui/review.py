"""What a person is asked: each question with its quotes in their places, and the answers that fit it."""

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from chorus.domain.budget import Scope, Unit
from chorus.domain.canon import Finding
from chorus.domain.run import ReviewItem, ReviewKind, ReviewStatus
from chorus.domain.story import Revision, Scene
from chorus.domain.value import Value
from chorus.editing.reviews import Decision
from chorus.ui import address, reads
from chorus.ui.choose import story_filter
from chorus.ui.concepts import choose_concept
from chorus.ui.effects import LONGEST_NOTE, told
from chorus.ui.in_hand import offer_newest, text_in_hand
from chorus.ui.markup import draw, paragraphs, safe
from chorus.ui.orders import give, say, say_next
from chorus.ui.places import href, link_to
from chorus.ui.proposals import show_proposals
from chorus.ui.reads import QUESTION_LIMIT, Question, Questions
from chorus.ui.states import empty
from chorus.ui.visitor import may_edit
from chorus.ui.ways import story_ways
from chorus.ui.words import CATEGORY, REVIEW, SEVERITY, ago, count, number, titled

AROUND = 220  # characters of a text that are shown on each side of a quote
_BUDGET_OF: dict[str, str] = {
    Scope.CALL: "Budget of each call,",
    Scope.SCENE: "Budget of each scene,",
    Scope.DAY: "Budget of all runs of a day,",
}
_STATUSES = {"Open": ReviewStatus.OPEN, "Answered": ReviewStatus.RESOLVED}
_ACCEPT = {
    ReviewKind.OUTLINE: "Approve the outline",
    ReviewKind.SCENE: "Approve this scene",
    ReviewKind.FINDING: "Let the text stand",
    ReviewKind.FAILURE: "Try again",
    ReviewKind.BUDGET: "Raise the budget",
}


class Asked(Value):
    """Which questions a person wants to see."""

    story_id: UUID | None = None
    status: ReviewStatus = ReviewStatus.OPEN
    page: int = 1


def masthead() -> None:
    """Head the page with what it is for."""
    draw(
        '<header class="ch-masthead"><h1>Review</h1><p>Where the crew cannot decide, it asks. Nothing is lost while '
        "a question is open, and its run goes on as soon as you answer.</p></header>"
    )
    say()


def choose(titles: Mapping[UUID, str]) -> Asked:
    """Offer open or answered questions, of every story or of one, as the URL has it."""
    linked = address.story_id()
    if not titles and not linked:
        return Asked()
    with st.container(horizontal=True, key="library-wish"):
        story_id = story_filter(titles, linked, key="review-story")
        given = "Answered" if address.text("status") == "answered" else "Open"
        status = st.selectbox(
            "Questions", list(_STATUSES), list(_STATUSES).index(given), key="review-status", width=180
        )
    if (story_id, status) != (linked, given):
        address.keep(page=None)
    address.keep(story_id=story_id, status="answered" if status == "Answered" else None)
    if story_id:
        story_ways(story_id, "review")
    return Asked(story_id=story_id, status=_STATUSES[status], page=address.whole("page", 1, 100_000) or 1)


def show(questions: Questions, asked: Asked) -> None:
    """Show a page of the queue, and what waits to become canon."""
    proposed = show_proposals(asked.story_id) if asked.status is ReviewStatus.OPEN else 0
    if not questions.asked and proposed:
        return
    if not questions.asked:
        if asked.status is ReviewStatus.OPEN:
            empty(
                "☙", "Nobody waits for you", "Questions about outlines, scenes, contradictions and budgets come here."
            )
        else:
            empty("☙", "Nothing was answered yet", "What you decide is kept, with your reasons.")
        return
    draw(f'<h2 class="ch-heading">{_how_many(questions, asked)}</h2>')
    for question in questions.asked:
        with st.container(border=True, key=f"question-{question.item.id}"):
            draw(_head(question) + _about(question))
            if question.item.status is ReviewStatus.OPEN:
                _answers(question)
            else:
                draw(_answered(question.item))
    _turn(questions, asked)


def _how_many(questions: Questions, asked: Asked) -> str:
    noun = "open question" if asked.status is ReviewStatus.OPEN else "answered question"
    if asked.page == 1 and not questions.more:
        return count(len(questions.asked), noun)
    first = QUESTION_LIMIT * (asked.page - 1) + 1
    return f"{noun.capitalize()}s {number(first)} to {number(first + len(questions.asked) - 1)}"


def _turn(questions: Questions, asked: Asked) -> None:
    """Links to the pages before and after."""
    kept = {"story_id": asked.story_id, "status": "answered" if asked.status is ReviewStatus.RESOLVED else None}
    with st.container(horizontal=True, horizontal_alignment="center", key="review-turn"):
        if asked.page > 1:
            link_to("review", "Before", ":material/arrow_back:", page=asked.page - 1, **kept)
        if questions.more:
            link_to("review", "Next", ":material/arrow_forward:", page=asked.page + 1, **kept)


def _head(question: Question) -> str:
    item, scene = question.item, question.scene
    icon, word = REVIEW[item.kind]
    story = (
        f'<a href="{safe(href("story", story_id=item.story_id))}" dir="auto">{safe(titled(question.story.title))}</a>'
    )
    where = f", scene {scene.number}" if scene else ""
    return (
        f'<header class="rv-head"><p class="ch-status ch-review"><span aria-hidden="true">{icon}</span> {word}</p>'
        f'<p class="ch-facts">{story}{where} · {safe(ago(item.created_at))}</p></header>'
        f'<h3 class="rv-question" dir="auto">{safe(item.question)}</h3>'
    )


def _about(question: Question) -> str:
    match question.item.kind:
        case ReviewKind.OUTLINE:
            return _outline(question)
        case ReviewKind.BUDGET:
            return _budget(question.item)
        case ReviewKind.FAILURE:
            said = question.item.details.get("said")
            return (
                f'<details class="dk-out"><summary>What came back</summary><pre>{safe(said)}</pre></details>'
                if said
                else ""
            )
        case _:
            return _findings(question) + _text(question)


def _outline(question: Question) -> str:
    if question.outline is None:
        return ""
    chapters = ""
    for chapter in question.outline.chapters:
        scenes = "".join(
            f'<li value="{scene.number}"><b dir="auto">{safe(scene.title or "Untitled")}</b>. '
            f'<span dir="auto">{safe(scene.brief.purpose)}</span></li>'
            for scene in question.outline.scenes
            if scene.chapter_id == chapter.id
        )
        chapters += f'<section><h4 dir="auto">{chapter.number}. {safe(chapter.title)}</h4><ol>{scenes}</ol></section>'
    return f'<div class="rv-outline">{chapters}</div>'


def _budget(item: ReviewItem) -> str:
    details, usd = item.details, item.details.get("unit") == "usd"

    def amount(name: str) -> str:
        value = float(details.get(name) or 0)
        return f"${value:,.2f}" if usd else f"{number(value)} tokens"

    cells = (("Allowed", amount("limit")), ("Used", amount("used")), ("The next call needs", amount("needed")))
    return '<dl class="ch-figures">' + "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in cells) + "</dl>"


# --- quotes in their places


def _findings(question: Question) -> str:
    items = "".join(_finding(question, finding) for finding in question.findings)
    return f'<ul class="rv-findings">{items}</ul>' if items else ""


def _finding(question: Question, finding: Finding) -> str:
    severity, css = SEVERITY[finding.severity]
    here = question.text.text if question.text else ""
    where = f"Scene {question.scene.number}" if question.scene else "This scene"
    sides = _quote(where, here, finding.quote)
    if finding.other_quote:
        other = f"Scene {finding.other_scene}" if finding.other_scene else "What holds in the story"
        sides += _quote(other, question.others.get(finding.other_scene or 0, ""), finding.other_quote)
    return (
        f'<li class="dk-finding dk-finding-{css}"><p class="ch-status ch-{css}">{severity} · '
        f'{CATEGORY[finding.category]}</p><p dir="auto">{safe(finding.description)}</p>'
        f'<div class="dk-quotes">{sides}</div></li>'
    )


def _quote(where: str, text: str, quote: str) -> str:
    """A quote with what stands around it, if the text has it."""
    at = text.find(quote) if quote else -1
    if at < 0:
        told = f"<mark>{safe(quote)}</mark>"
    else:
        end = at + len(quote)
        before, after = text[max(0, at - AROUND) : at], text[end : end + AROUND]
        if at > AROUND:
            before = f"… {before.partition(' ')[2]}"
        if end + AROUND < len(text):
            after = f"{after.rpartition(' ')[0]} …"
        told = f"{safe(before)}<mark>{safe(quote)}</mark>{safe(after)}"
    return f'<figure><figcaption>{where}</figcaption><blockquote dir="auto">{told}</blockquote></figure>'


def _text(question: Question) -> str:
    if question.text is None:
        return ""
    summary = f"The whole scene, {count(question.text.words, 'word')}"
    body = f'<div class="dk-side">{paragraphs(question.text.text)}</div>'
    html = f'<details class="dk-out"><summary>{summary}</summary>{body}</details>'
    if question.scene is None or question.current is None or question.current.id == question.text.id:
        return html
    page = safe(href("read", story_id=question.item.story_id, scene=question.scene.number, desk="versions"))
    said = f"This was asked about text {question.text.number}; readers now see text {question.current.number}."
    return f'<p role="status"><b>{said}</b> <a href="{page}">Compare them</a></p>{html}'


# --- answers


def _answers(question: Question) -> None:
    item = question.item
    if item.kind is ReviewKind.CONCEPT:
        choose_concept(item.story_id, item.run_id)
        return
    if not may_edit():
        draw('<p class="ch-facts">An editor has to answer this.</p>')
        return
    with st.container(horizontal=True, key=f"answers-{item.id}"):
        if item.kind is ReviewKind.BUDGET:
            _raise(item)
        elif st.button(_ACCEPT[item.kind], type="primary", icon=":material/check:", key=f"accept-{item.id}"):
            _answer(item, Decision.ACCEPT)
        if question.scene is not None and question.current is not None:
            _edit(item, question.scene, question.current)
            _redraft(item)
        _dismiss(item)
        if item.kind is ReviewKind.OUTLINE:
            link_to("story", "Change the outline", ":material/list_alt:", story_id=item.story_id, view="plan")


def _raise(item: ReviewItem) -> None:
    usd = item.details.get("unit") == Unit.USD
    whose = _BUDGET_OF.get(str(item.details.get("budget")), "Budget of the run, in all,")
    limit, used, needed = (float(item.details.get(name) or 0) for name in ("limit", "used", "needed"))
    unit, step = ("dollars", 0.5) if usd else ("tokens", 1000.0)
    least = round(used + needed + 0.01, 2) if usd else float(int(used + needed) + 1)
    with (
        st.popover(_ACCEPT[item.kind], icon=":material/savings:", key=f"raise-{item.id}"),
        st.form(f"budget-{item.id}", border=False),
    ):
        shown = "%.2f" if usd else "%.0f"
        most = st.number_input(f"{whose} in {unit}", least, 1e12, max(least, 2 * limit), step, format=shown)
        if st.form_submit_button("Raise it and go on", type="primary"):
            budget = {"budget_usd": most} if usd else {"budget_tokens": int(most)}
            _answer(item, Decision.ACCEPT, **budget)


def _edit(item: ReviewItem, scene: Scene, current: Revision) -> None:
    """Let the text that readers see now be changed, and show before it is done what that touches."""
    key, story_id = f"answer-{item.id}", item.story_id
    with st.popover("Edit the text", icon=":material/edit:", width="content", key=f"edit-{item.id}"):
        with st.form(f"edit-form-{item.id}", border=False):
            edited, base = text_in_hand(key, "The text of the scene", current, height=420)
            with st.container(horizontal=True):
                look = st.form_submit_button("See what it touches", icon=":material/visibility:")
                save = st.form_submit_button("Save this text and go on", type="primary", icon=":material/check:")
        if look:
            effects = give(lambda studio: studio.preview_edit(story_id, scene.number, edited))
            if effects:
                draw(f'<h2 class="ch-heading">What this edit would touch</h2>{told(effects)}')
        if save:
            _answer(item, Decision.EDIT, text=edited, base=base.id)
            current = reads.scene_file(story_id, scene.number).current or current
        offer_newest(key, base, current)


def _redraft(item: ReviewItem) -> None:
    with (
        st.popover("Write it again", icon=":material/ink_pen:", key=f"redraft-{item.id}"),
        st.form(f"redraft-form-{item.id}", border=False),
    ):
        note = st.text_area("Note to the writer", max_chars=LONGEST_NOTE, placeholder="What should be different?")
        if st.form_submit_button("Write the scene again", type="primary"):
            _answer(item, Decision.REDRAFT, note=note)


def _dismiss(item: ReviewItem) -> None:
    with (
        st.popover("Dismiss", icon=":material/close:", key=f"dismiss-{item.id}"),
        st.form(f"dismiss-form-{item.id}", border=False),
    ):
        note = st.text_input("Why", max_chars=500, placeholder="a dream may contradict the day")
        if st.form_submit_button("Dismiss this question", type="primary"):
            _answer(item, Decision.DISMISS, note=note)


def _answer(item: ReviewItem, decision: Decision, **with_: str | float | UUID) -> None:
    done = give(lambda studio: studio.answer_review(item.id, decision, **with_))  # type: ignore[arg-type]
    if done:
        goes_on = " Its run goes on as soon as a worker is free." if done.run and done.run.status.is_open else ""
        say_next(f"Answered.{goes_on}")
        st.rerun()


def _answered(item: ReviewItem) -> str:
    said = item.resolution or {}
    note = f' <span dir="auto">“{safe(said["note"])}”</span>' if said.get("note") else ""
    by = "by resuming the run" if said.get("by") == "resume" else f"by {safe(said.get('by', 'a person'))}"
    when = f", {safe(ago(item.resolved_at))}" if item.resolved_at else ""
    decision = {"accept": "accepted", "edit": "edited", "redraft": "written again", "dismiss": "dismissed"}
    word = decision.get(str(said.get("decision")), str(said.get("decision", "answered")))
    return f'<p class="ch-status ch-good"><span aria-hidden="true">✓</span> {safe(word)} {by}{when}</p>{note}'
