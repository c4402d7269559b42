"""Everything of a story that an exporter may need, gathered before it begins."""

from chorus.domain.canon import Fact
from chorus.domain.report import StoryReport
from chorus.domain.story import Character, Manuscript, Outline, Relationship, Story, WorldElement
from chorus.domain.value import Value


class StoryBundle(Value):
    """A story with its text, its plan and its canon."""

    story: Story
    manuscript: Manuscript
    outline: Outline
    characters: tuple[Character, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    world: tuple[WorldElement, ...] = ()
    facts: tuple[Fact, ...] = ()
    report: StoryReport | None = None
