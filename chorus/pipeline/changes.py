"""What a scene changed that its plan had not said, and whether another one, written without knowing it, reads that.

Pure decisions: the same rows give the same reasons.
"""

from collections.abc import Collection, Iterable, Sequence

from chorus.agents.names import is_named, match
from chorus.domain.canon import Fact
from chorus.domain.context import StoryFrame
from chorus.domain.story import Character, CharacterState, Relationship, Scene, SceneBrief
from chorus.domain.value import Value
from chorus.memory import tell_state


class Change(Value):
    """Something a scene changed outside its contract: of whom or what, and what holds now.

    ``other``: whom ``entity`` has become something else to.
    """

    scene_number: int
    entity: str
    told: str
    other: str = ""

    @property
    def about(self) -> str:
        """Of whom or what, in words."""
        return f"{self.entity} and {self.other}" if self.other else self.entity


def changes_outside(
    scene: Scene,
    frame: StoryFrame,
    facts: Sequence[Fact],
    states: Sequence[tuple[str, CharacterState]],
    newcomers: Sequence[Character],
    text: str,
    dead: Collection[str] = (),
) -> list[Change]:
    """What a committed scene changed of those whom its brief does not say that it writes, as its text shows.

    That somebody dies no brief says; ``dead``: who was so before the scene.
    """
    frame = frame.as_of(scene.number)
    planned = {*scene.brief.writes, *scene.brief.cast, scene.brief.place}
    number = scene.number
    found = [Change(scene_number=number, entity=n.name, told=n.description) for n in newcomers]
    known = [*(c.name for c in frame.characters), *(e.name for e in frame.world)]
    for fact in facts:
        entity = match(fact.subject, known)
        if entity and entity not in planned and _is_evident(fact, entity):
            found.append(Change(scene_number=number, entity=entity, told=fact.statement))
    found += [
        Change(scene_number=number, entity=name, told=tell_state(name, state))
        for name, state in states
        if (name not in planned or (not state.alive and name not in dead)) and is_named(text, name)
    ]
    return found


def changed_ties(number: int, cast: Sequence[Character], ties: Sequence[Relationship]) -> list[Change]:
    """What a committed scene made of two people to one another; no plan says that it will."""
    names = {character.id: character.name for character in cast}
    return [
        Change(scene_number=number, entity=names[tie.character_id], other=names[tie.other_id], told=tie.kind)
        for tie in ties
        if tie.character_id in names and tie.other_id in names
    ]


def reasons_to_look_again(
    changes: Iterable[Change], brief: SceneBrief, text: str, known: Iterable[str] = ()
) -> list[Change]:
    """Of the changes, those of somebody or something that a drafted scene reads and speaks of; of a tie, of both.

    What the scene was told already (``known``), or says itself in the same words, it cannot contradict.
    """
    reads, said = {*brief.reads, *brief.cast, brief.place}, {_plain(each) for each in known}
    return [
        change
        for change in changes
        if all(each in reads and is_named(text, each) for each in (change.entity, change.other) if each)
        and not (_plain(change.told) in said or (change.told and _plain(change.told) in _plain(text)))
    ]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def _is_evident(fact: Fact, entity: str) -> bool:
    """Whether both the fact and the words of the scene that show it name whom it is about."""
    return is_named(fact.statement, entity) and is_named(fact.evidence, entity)
