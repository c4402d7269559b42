from uuid import UUID

from chorus.api import topic as topics
from chorus.api.topic import Follower, Topic
from chorus.domain.run import LiveDraft, RunEvent

RUN = UUID(int=1)


def events(*ids: int) -> list[RunEvent]:
    return [RunEvent(id=n, run_id=RUN, story_id=RUN, kind="note", message=f"m{n}") for n in ids]


def ids_in(chunk: bytes) -> list[int]:
    return [int(line[4:]) for line in chunk.decode().splitlines() if line.startswith("id: ")]


def draft(text: str, scene_number: int = 1) -> LiveDraft:
    return LiveDraft(run_id=RUN, scene_number=scene_number, text=text)


def test_whoever_joins_gets_what_is_kept_and_what_follows_once() -> None:
    topic = Topic()
    topic.start(10)
    topic.tell(events(11, 12, 13))
    follower = Follower(after=11)
    topic.join(follower)
    topic.tell(events(14))
    assert ids_in(topic.take(follower)) == [12, 13, 14]
    assert topic.take(follower) == b""


def test_a_slow_follower_is_cut_off_and_holds_no_more_than_it_may() -> None:
    topic = Topic()
    topic.start(0)
    slow, quick = Follower(after=0), Follower(after=0)
    topic.join(slow)
    topic.join(quick)
    for start in range(1, 3_001, 100):
        topic.tell(events(*range(start, start + 100)))
        topic.take(quick)
        assert len(slow.waiting) <= topics.MOST_WAITING
    assert slow.is_cut
    assert slow.waiting == type(slow.waiting)()
    assert not quick.is_cut


def test_only_the_newest_events_are_kept() -> None:
    topic = Topic()
    topic.start(0)
    topic.tell(events(*range(1, 2 * topics.KEPT + 1)))
    assert topic.floor == topics.KEPT
    late = Follower(after=topic.floor)
    topic.join(late)
    assert ids_in(topic.take(late)) == list(range(topics.KEPT + 1, 2 * topics.KEPT + 1))


def test_a_slow_follower_of_a_draft_gets_the_rest_in_one_piece() -> None:
    topic = Topic()
    topic.start(0)
    quick, slow = Follower(after=0), Follower(after=0)
    topic.join(quick)
    topic.join(slow)
    for text in ("a", "ab", "abc"):
        topic.show(draft(text))
        assert b'"offset": %d' % (len(text) - 1) in topic.take(quick)
    assert b'"offset": 0, "text": "abc"' in topic.take(slow)
    topic.show(draft("abc"))
    assert topic.take(slow) == b""
    topic.show(None)
    assert b'"offset": 0, "text": ""' in topic.take(slow)


def test_a_draft_that_begins_anew_is_sent_whole() -> None:
    topic = Topic()
    topic.start(0)
    follower = Follower(after=0)
    topic.join(follower)
    for text, number in (("once", 1), ("other", 1), ("other again", 2)):
        topic.show(draft(text, number))
        assert b'"offset": 0' in topic.take(follower)
