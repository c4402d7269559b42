"""The library: every story as a card with a cover."""

import streamlit as st

from chorus.domain.metrics import StoryCost
from chorus.domain.run import RunStatus
from chorus.domain.story import Origin
from chorus.domain.value import Value
from chorus.store import StoryCard
from chorus.ui import address
from chorus.ui.cover import cover
from chorus.ui.markup import draw, excerpt, safe, spoken
from chorus.ui.places import PlaceName, link_to
from chorus.ui.reads import SHELF_SIZE, Shelf
from chorus.ui.states import empty
from chorus.ui.words import IMPORTED, RUN_STATUS, ago, cost_of, count, number, titled

STATUSES: dict[str, RunStatus | Origin] = {RUN_STATUS[status][1]: status for status in RunStatus}
STATUSES[IMPORTED[1]] = Origin.IMPORTED
TRIED = "Of experiments"
LONGEST_SEARCH = 200


class Wish(Value):
    """Which stories a person wants to see."""

    words: str = ""
    status: RunStatus | Origin | None = None
    tried: bool = False
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.words or self.status or self.tried)


def masthead(stories: int, words: int) -> None:
    """Head the page with what the library holds."""
    holding = f"{count(stories, 'story', 'stories')} · {count(words, 'word')}"
    line = holding if stories else "A premise becomes a finished story, and you can watch it being written."
    draw(f'<header class="ch-masthead"><h1>Stories</h1><p>{safe(line)}</p></header>')


def wish(whole: Shelf) -> Wish:
    """Show search and filter, unless there is nothing to choose from; the URL keeps both."""
    if whole.stories < 2 and not whole.tried and not (address.text("q") or address.text("status")):
        return Wish()
    with st.container(horizontal=True, key="library-wish"):
        words = st.text_input(
            "Search titles and premises",
            key="q",
            max_chars=LONGEST_SEARCH,
            type="search",
            live=True,
            bind="query-params",
            on_change=_from_the_first,
        )
        status = st.selectbox(
            "Status",
            [*STATUSES, TRIED],
            None,
            key="status",
            placeholder="Every status",
            width=220,
            bind="query-params",
            on_change=_from_the_first,
        )
    return Wish(
        words=(words or "").strip(),
        status=STATUSES.get(status) if status else None,
        tried=status == TRIED,
        page=address.whole("page", 1, 10_000) or 1,
    )


def _from_the_first() -> None:
    """Whoever searches anew begins on the first page."""
    address.keep(page=None)


def shelves(shelf_: Shelf, wanted: Wish, to: PlaceName = "story", on: PlaceName = "stories") -> None:
    """Show one page of the library, or an invitation, on the page ``on``; each card is a link to the page ``to``."""
    if shelf_.cards:
        if wanted.is_narrow:
            draw(f'<p class="ch-facts" role="status">{count(shelf_.found, "story", "stories")} found</p>')
        _lay_out(shelf_, to)
        _turn(shelf_, wanted, on)
    elif wanted.is_narrow:
        empty("❧", "No story fits", "Try fewer words, or every status.")
    elif shelf_.tried:
        held = f"{count(shelf_.tried, 'story', 'stories')} written for experiments"
        empty("❧", "Only experiments so far", f"The library holds {held}: choose “{TRIED}” to see them.")
    else:
        empty("❧", "The shelves are still empty", "Every library begins with one story. Write its premise above.")


def _turn(shelf_: Shelf, wanted: Wish, on: PlaceName) -> None:
    """Links to the pages before and after."""
    if shelf_.found <= SHELF_SIZE:
        return
    page = (shelf_.first - 1) // SHELF_SIZE + 1
    kept = {"q": st.query_params.get("q"), "status": st.query_params.get("status")} if wanted.is_narrow else {}
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center", key="library-turn"):
        if page > 1:
            link_to(on, "Newer", ":material/arrow_back:", page=page - 1 if page > 2 else None, **kept)
        last = shelf_.first + len(shelf_.cards) - 1
        draw(f'<p class="ch-facts">{number(shelf_.first)} to {number(last)} of {number(shelf_.found)}</p>')
        if last < shelf_.found:
            link_to(on, "Older", ":material/arrow_forward:", page=page + 1, **kept)


def _lay_out(shelf_: Shelf, page: PlaceName) -> None:
    with st.container(key="shelf"):
        for card in shelf_.cards:
            with st.container(key=f"card-{card.id}"):
                draw(_face(card, shelf_.costs.get(card.id)))
                link_to(page, f"Open {spoken(titled(card.title))}", story_id=card.id)


def _face(card: StoryCard, spent: StoryCost | None) -> str:
    icon, word, css = status_of(card)
    planned = f"{card.scenes} of {count(card.scenes_planned, 'scene')}" if card.scenes_planned else "No scenes yet"
    return (
        f'<article class="ch-card">{cover(card.id, titled(card.title), "Chorus")}<div class="ch-card-text">'
        f'<h2 dir="auto">{safe(titled(card.title))}</h2>'
        f'<p class="ch-status ch-{css}"><span aria-hidden="true">{icon}</span> {safe(word)}</p>'
        f'<p class="ch-premise" dir="auto">{safe(excerpt(card.premise, 150))}</p>'
        f'<p class="ch-facts">{safe(planned)} · {number(card.words)} words<br>{_spent(spent)}'
        f"{safe(ago(card.updated_at))}</p>"
        "</div></article>"
    )


def _spent(spent: StoryCost | None) -> str:
    """What a story cost so far; nothing of one that no model had a part in."""
    if spent is None:
        return ""
    if spent.cost_usd is None:
        return "Cost not known · "
    return f"{cost_of(spent.cost_usd)}{' or more' if spent.unpriced else ''} · "


def status_of(card: StoryCard) -> tuple[str, str, str]:
    """Tell a story's status as (icon, word, css class)."""
    if card.run_status:
        return RUN_STATUS[RunStatus(card.run_status)]
    return IMPORTED if card.origin == Origin.IMPORTED else RUN_STATUS[RunStatus.QUEUED]
