"""What the approved scenes of a story say and how long they are: read once, then kept up with what is approved."""

from dataclasses import dataclass, field
from uuid import UUID

from chorus.continuity import Echoes
from chorus.continuity.length import Told, steer
from chorus.domain.story import Revision, Scene, SceneDigest
from chorus.store import Transaction


@dataclass
class Shelf:
    """The scenes told so far, for what must look at all of them; costs no more late in a story than early."""

    echoes: Echoes = field(default_factory=Echoes)
    lengths: dict[int, Told] = field(default_factory=dict)
    digests: dict[int, SceneDigest] = field(default_factory=dict)

    def put(self, scene: Scene, revision: Revision) -> None:
        """A text is approved."""
        self.echoes.add(scene.number, revision.text)
        self.lengths[scene.number] = Told(scene.brief.target_words, revision.words)
        self.digests.pop(scene.number, None)
        if revision.digest:
            self.digests[scene.number] = revision.digest

    def text_of(self, number: int) -> str:
        """The text of a scene; empty if it has none yet."""
        return self.echoes.text(number) if number in self.echoes.scenes else ""

    def text_before(self, scene: Scene, seen: int) -> str:
        """The text of the scene before, if ``scene`` may know of it."""
        return self.text_of(scene.number - 1) if seen == scene.number - 1 else ""

    def digests_up_to(self, number: int) -> list[tuple[int, SceneDigest]]:
        """(Scene number, digest) of the scenes up to this one, in story order."""
        return [(each, digest) for each, digest in sorted(self.digests.items()) if each <= number]

    def words_to_ask_for(self, scene: Scene, scenes: int, before: int) -> int:
        """The words to ask for, by what the scenes up to ``before`` have too many or too few."""
        told = [told for number, told in sorted(self.lengths.items()) if number <= before and told.target]
        window = max(1, scene.number - before)
        return steer(scene.brief.target_words, told, scenes - scene.number + 1, window)


async def read_shelf(tx: Transaction, story_id: UUID) -> Shelf:
    """Read what is approved."""
    shelf = Shelf()
    for number, target, words, text in await tx.stories.list_told(story_id):
        shelf.echoes.add(number, text)
        shelf.lengths[number] = Told(target, words)
    shelf.digests = dict(await tx.stories.list_digests(story_id, max(shelf.lengths, default=0) + 1))
    return shelf
