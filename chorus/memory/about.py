"""Find the memories that a character is in: those that say so, and those whose words have one of the names.

Words are looked up in pages and postings, so no text is read, and "Ann" is not found in "planned".
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from chorus.domain.search import MemoryFilter
from chorus.store import About, Called, Ints, PageRows, Postings, Search, hash_of


async def find_about(search: Search, within: MemoryFilter, pages: PageRows) -> About | None:
    """Find what the filter's character is in; ``pages`` are those of the story, or all that are in no shard."""
    name = (within.character or "").strip()
    if not name:
        return None
    called = await search.list_called(name, within.story_id)
    stems = await _stems(search, [name, *(each for person in called for each in person.names)], within.story_id)
    hashes = {term: hash_of(term) for each in stems.values() for terms in each for term in terms}
    postings = Postings.of_pages(pages, list(hashes.values()))
    if within.story_id is None:
        gathered = Postings.of(await search.list_postings(list(hashes.values())), list(hashes.values()))
        postings = gathered.joined(postings)
    places = {term: place for place, term in enumerate(hashes)}
    docs: set[int] = set()
    for each in stems[name]:
        docs.update(_having(postings, [places[term] for term in each]).tolist())
    for others, stories in _by_names(called, name).items():
        theirs = postings if within.story_id else postings.of_stories(frozenset(story.bytes for story in stories))
        for each in (terms for other in others for terms in stems[other]):
            docs.update(_having(theirs, [places[term] for term in each]).tolist())
    return About(tuple(person.id for person in called), sorted(docs))


def _by_names(called: Iterable[Called], name: str) -> dict[tuple[str, ...], set[UUID]]:
    """Which stories have somebody with the same other names: in most houses few are called alike in many."""
    stories = defaultdict[tuple[str, ...], set[UUID]](set)
    for person in called:
        stories[tuple(sorted({*person.names} - {name}))].add(person.story_id)
    return stories


async def _stems(search: Search, names: Iterable[str], story_id: UUID | None) -> dict[str, list[list[str]]]:
    """The stems of each name, in each language that there is."""
    stems: dict[str, list[list[str]]] = {name: [] for name in names}
    for name, found in await search.list_stems(list(stems), story_id):
        stems[name].append(found)
    return stems


def _having(postings: Postings, terms: Sequence[int]) -> Ints:
    """The memories that have all of some terms; none if there are no terms."""
    kept = np.isin(postings.term, terms)
    docs, found = np.unique(postings.doc[kept], return_counts=True)
    having: Ints = docs[found == len(terms)]
    return having
