"""Threads of a story: questions that one scene opens and a later one answers, settled so that each is both."""

from collections.abc import Sequence
from dataclasses import dataclass

from chorus.agents.answers import ThreadAnswer
from chorus.agents.likeness import alike, gist_of, overlap
from chorus.agents.lines import one_sentence
from chorus.domain.story import Scene

MOST_THREADS = 3
LEAST_SCENES = 6
"""Fewer scenes, and nobody forgets what was asked."""
LONGEST_THREAD = 160


@dataclass(frozen=True)
class Thread:
    """A question with the numbers of what opens and what answers it: of scenes, or of chapters."""

    question: str
    opens: int
    answers: int


def wants_threads(scenes: int) -> bool:
    """Whether a story is long enough for threads."""
    return scenes >= LEAST_SCENES


def settle_threads(
    given: Sequence[ThreadAnswer],
    last: int,
    most: int = MOST_THREADS,
    *,
    first: int = 1,
    told: Sequence[str] = (),
) -> list[Thread]:
    """Bring every thread within ``first`` to ``last``, opened before it is answered; none is told twice.

    ``told``: what scenes before these have opened.
    """
    threads: list[Thread] = []
    for each in given:
        question = one_sentence(each.question, LONGEST_THREAD)
        known = [*told, *(thread.question for thread in threads)]
        if last <= first or not question or any(alike(gist_of(question), gist_of(other)) for other in known):
            continue
        opens = min(max(each.opens, first), last - 1)
        answers = each.answers if opens < each.answers <= last else last
        threads.append(Thread(question, opens, answers))
    return threads[:most]


def in_scenes(threads: Sequence[Thread], chapters: Sequence[range], events: Sequence[str]) -> list[Thread]:
    """Give threads between chapters their scenes: where the words fit best, else early to open and late to answer.

    ``chapters``: the scene numbers of each chapter; ``events``: what happens in scene 1, 2 and so on.
    """
    return [
        Thread(
            thread.question,
            _fitting(thread.question, chapters[thread.opens - 1], events),
            _fitting(thread.question, chapters[thread.answers - 1][::-1], events),
        )
        for thread in threads
    ]


def thread_briefs(scenes: Sequence[Scene], threads: Sequence[Thread]) -> list[Scene]:
    """Tell each scene which threads it opens and which it answers."""
    return [
        scene.model_copy(
            update={
                "brief": scene.brief.model_copy(
                    update={
                        "plants": tuple(thread.question for thread in threads if thread.opens == scene.number),
                        "payoffs": tuple(thread.question for thread in threads if thread.answers == scene.number),
                    }
                )
            }
        )
        for scene in scenes
    ]


def _fitting(question: str, scenes: range, events: Sequence[str]) -> int:
    asked = gist_of(question)
    return max(scenes, key=lambda number: overlap(asked, gist_of(events[number - 1])))
