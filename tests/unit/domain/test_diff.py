"""Two texts told apart: nothing is lost between the pieces, and a place in one is found again in the other."""

from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.diff import PieceKind, diff_prose, follow, is_touched, substitutions

WORDS = ("the", "fox", "hen", "ran", "Mara.", "“No.”", "key,", "silver\n\n", "iron", "don't", "—", "Ünï")
texts = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


@given(texts, texts)
def test_the_pieces_make_up_both_texts(before: str, after: str) -> None:
    pieces = diff_prose(before, after)
    assert "".join(p.text for p in pieces if p.kind is not PieceKind.ADDED) == before
    assert "".join(p.text for p in pieces if p.kind is not PieceKind.REMOVED) == after
    assert all(piece.text for piece in pieces)


@given(texts, texts, st.data())
def test_what_was_not_touched_is_found_where_it_now_stands(before: str, after: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    pieces = diff_prose(before, after)
    first, last = follow(pieces, start, end)
    assert 0 <= first <= last <= len(after)
    if start < end and not is_touched(pieces, start, end):
        assert after[first:last] == before[start:end]


def test_only_the_words_that_differ_are_told() -> None:
    before = "Mara held the silver key. It was cold.\n\nShe left on Tuesday. Nobody saw her."
    after = "Mara held the iron key. It was cold.\n\nNobody saw her."
    changed = [(p.kind.value, p.text.strip()) for p in diff_prose(before, after) if p.kind is not PieceKind.SAME]
    assert changed == [("removed", "silver"), ("added", "iron"), ("removed", "She left on Tuesday.")]
    assert list(substitutions(diff_prose(before, after))) == [("silver", "iron")]


def test_two_long_texts_of_other_words_are_told_apart_at_once() -> None:
    before = " ".join(f"word{n % 97}" + ("." if n % 13 == 0 else "") for n in range(20_000))
    after = " ".join(f"word{n % 89}" + ("." if n % 11 == 0 else "") for n in range(20_000))
    pieces = diff_prose(before, after)
    assert "".join(p.text for p in pieces if p.kind is not PieceKind.REMOVED) == after
