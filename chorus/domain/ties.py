"""What members of the cast are to one another, from scene to scene."""

from collections.abc import Sequence
from uuid import UUID

from chorus.domain.story import Character, Relationship, Revision, Tie


def shown_ties(revision: Revision, number: int, cast: Sequence[Character]) -> list[Relationship]:
    """The relationships that a text shows, from its scene on."""
    ids = {character.name: character.id for character in cast}
    ties: Sequence[Tie] = revision.digest.ties if revision.digest else ()
    return [
        Relationship(
            story_id=revision.story_id,
            character_id=ids[tie.name],
            other_id=ids[tie.other],
            kind=tie.kind,
            description=tie.evidence,
            valid_from=number,
            revision_id=revision.id,
        )
        for tie in ties
        if tie.name in ids and tie.other in ids
    ]


def without(ties: Sequence[Relationship], gone: set[UUID]) -> list[Relationship]:
    """The ties that are left; those that one of the others had ended hold again."""
    ended = {(_pair(tie), tie.valid_from - 1) for tie in ties if tie.id in gone}
    return [
        tie.model_copy(update={"valid_to": None}) if (_pair(tie), tie.valid_to) in ended else tie
        for tie in ties
        if tie.id not in gone
    ]


def with_new(ties: Sequence[Relationship], new: Sequence[Relationship]) -> list[Relationship]:
    """The ties with new ones: each ends what held between the two; what says the same as that is left out."""
    held = list(ties)
    for tie in new:
        before = [each for each in held if _pair(each) == _pair(tie) and holds(each, tie.valid_from)]
        if any(each.kind.casefold() == tie.kind.casefold() or each.valid_from >= tie.valid_from for each in before):
            continue
        ended = {each.id for each in before}
        held = [each.model_copy(update={"valid_to": tie.valid_from - 1}) if each.id in ended else each for each in held]
        later = [each.valid_from for each in held if _pair(each) == _pair(tie) and each.valid_from > tie.valid_from]
        held.append(tie.model_copy(update={"valid_to": min(later) - 1 if later else None}))
    return held


def holds(tie: Relationship, scene: int) -> bool:
    """Whether a tie holds in a scene."""
    return tie.valid_from <= scene and (tie.valid_to is None or tie.valid_to >= scene)


def _pair(tie: Relationship) -> tuple[UUID, UUID]:
    return tie.character_id, tie.other_id
