from uuid import uuid4

from chorus.domain.story import Relationship
from chorus.domain.ties import holds, with_new, without

STORY, ADA, BEN = uuid4(), uuid4(), uuid4()


def tie(kind: str, since: int, until: int | None = None) -> Relationship:
    return Relationship(story_id=STORY, character_id=ADA, other_id=BEN, kind=kind, valid_from=since, valid_to=until)


def told(ties: list[Relationship]) -> list[tuple[str, int, int | None]]:
    return [(each.kind, each.valid_from, each.valid_to) for each in ties]


def test_a_new_tie_ends_the_one_that_held_and_gives_way_to_a_later_one() -> None:
    ties = with_new([tie("friend", 0)], [tie("rival", 5)])
    assert told(ties) == [("friend", 0, 4), ("rival", 5, None)]
    assert told(with_new(ties, [tie("debtor", 3)])) == [("friend", 0, 2), ("rival", 5, None), ("debtor", 3, 4)]
    assert with_new(ties, [tie("Rival", 7)]) == ties


def test_what_a_tie_had_ended_holds_again_when_it_is_taken_back() -> None:
    ties = with_new([tie("friend", 0)], [tie("rival", 5)])
    left = without(ties, {ties[1].id})
    assert told(left) == [("friend", 0, None)]
    assert holds(left[0], 9)
    assert not holds(ties[0], 5)
