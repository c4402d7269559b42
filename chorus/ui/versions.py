"""The texts of a scene: two of them told apart word by word, and an earlier one brought back."""

from collections.abc import Mapping, Sequence

import streamlit as st

from chorus.domain.diff import Piece, PieceKind, diff_prose
from chorus.domain.story import Revision
from chorus.domain.words import count_words
from chorus.ui import address
from chorus.ui.markup import draw, safe
from chorus.ui.orders import give, say_next
from chorus.ui.origin import split
from chorus.ui.reads import SceneFile
from chorus.ui.states import empty
from chorus.ui.texts import choose_revision
from chorus.ui.visitor import may_edit
from chorus.ui.words import CAUSE, ago, count, number

_INLINE = {PieceKind.SAME: "", PieceKind.REMOVED: "del", PieceKind.ADDED: "ins"}
_BEFORE = {PieceKind.SAME: "", PieceKind.REMOVED: "del"}
_AFTER = {PieceKind.SAME: "", PieceKind.ADDED: "ins"}
_LAYOUTS = ("Side by side", "In one text")


def show_versions(file: SceneFile) -> None:
    """Offer two texts of a scene, and show what differs."""
    if len(file.revisions) < 2:
        empty("❧", "There is one text only", "When this scene is edited or written again, its texts are compared here.")
        return
    current = file.current or file.revisions[-1]
    left, right, layout = st.columns([4, 4, 3], gap="medium", vertical_alignment="bottom")
    with left:
        before = choose_revision(file, "before", "From", _one_before(file, current))
    with right:
        after = choose_revision(file, "after", "To", current)
    with layout:
        chosen = _layout()
    pieces = diff_prose(before.text, after.text)
    draw(f'<p class="ch-facts" role="status">{_sum(pieces)}</p>')
    if chosen == _LAYOUTS[0]:
        draw(f'<div class="dk-sides">{_side(before, pieces, _BEFORE)}{_side(after, pieces, _AFTER)}</div>')
    else:
        draw(f'<section class="dk-side dk-inline">{marked(pieces)}</section>')
    _restore(file, before if after.id == current.id else after, current)


def marked(pieces: Sequence[Piece], tags: Mapping[PieceKind, str] | None = None) -> str:
    """Set pieces in paragraphs, what was removed and added marked as such."""
    tags = tags if tags is not None else _INLINE
    blocks = [""]
    for piece in pieces:
        if piece.kind not in tags:
            continue
        tag = tags[piece.kind]
        for place, part in enumerate(split(piece.text)):
            if place:
                blocks.append("")
            if part:
                blocks[-1] += f"<{tag}>{safe(part)}</{tag}>" if tag else safe(part)
    return "".join(f'<p dir="auto">{block.replace("\n", "<br>")}</p>' for block in blocks if block.strip())


def _layout() -> str:
    given = address.text("layout")
    start = 1 if given == "one" else 0
    chosen = st.radio("Shown", _LAYOUTS, start, horizontal=True, key="versions-layout")
    address.keep(layout="one" if chosen == _LAYOUTS[1] else None)
    return str(chosen)


def _one_before(file: SceneFile, current: Revision) -> Revision:
    parent = next((each for each in file.revisions if each.id == current.parent_id), None)
    if parent:
        return parent
    place = [each.id for each in file.revisions].index(current.id)
    return file.revisions[place - 1] if place else file.revisions[1]


def _sum(pieces: Sequence[Piece]) -> str:
    added, removed = (
        sum(count_words(piece.text) for piece in pieces if piece.kind is kind)
        for kind in (PieceKind.ADDED, PieceKind.REMOVED)
    )
    if not added and not removed:
        return "These two texts are the same, word for word."
    return f"{count(added, 'word')} added, {number(removed)} removed."


def _side(revision: Revision, pieces: Sequence[Piece], tags: Mapping[PieceKind, str]) -> str:
    icon, word, css = CAUSE[revision.cause]
    return (
        f'<section class="dk-side" aria-label="Text {revision.number}"><p class="ch-status ch-{css}">'
        f'<span aria-hidden="true">{icon}</span> Text {revision.number} · {word} · {safe(ago(revision.created_at))}</p>'
        f"{marked(pieces, tags)}</section>"
    )


def _restore(file: SceneFile, older: Revision, current: Revision) -> None:
    if older.id == current.id or not may_edit():
        return
    with st.popover(f"Bring text {older.number} back", icon=":material/history:", disabled=file.scene.locked):
        draw(
            f"<p>Text {older.number} becomes what readers see, as a new text; its facts and memories come back with "
            "it. Nothing is lost: every text stays here.</p>"
        )
        if st.button(f"Yes, restore text {older.number}", type="primary", key="restore-yes"):
            done = give(lambda studio: studio.restore(file.story.id, file.scene.number, older.number))
            if done:
                say_next(f"Text {older.number} is back. {count(len(done.uses), 'later scene')} used what it changes.")
                address.keep(before=None, after=None)
                for name in ("before", "after"):
                    st.session_state.pop(f"{name}-{file.scene.id}", None)
                st.rerun()
