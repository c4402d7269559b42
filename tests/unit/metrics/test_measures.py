from itertools import cycle, islice

import pytest

from chorus.metrics import MEASURES, MeasuredScene, MeasuredStory, measure_story
from chorus.metrics.names import name_consistency
from chorus.metrics.prose import dialogue_share, mattr, repetition_across, repetition_within, sentence_rhythm
from chorus.metrics.tokens import folded_words, sentences_of


def vocabulary(size: int, length: int, prefix: str = "w") -> list[str]:
    return list(islice(cycle(f"{prefix}{n}" for n in range(size)), length))


def test_words_are_counted_in_every_script() -> None:
    assert folded_words("Don’t stop — the well-kept Émile!") == ["don't", "stop", "the", "well-kept", "émile"]
    assert len(folded_words("灯は静かに燃えた。")) == 8


def test_sentences_end_where_they_end() -> None:
    assert len(sentences_of("“Go!” she said. He went… Nobody saw.\n\nA new day")) == 5
    assert len(sentences_of("灯は燃えた。彼は見た。")) == 2


@pytest.mark.parametrize("length", [200, 2000])
def test_lexical_diversity_does_not_depend_on_length(length: int) -> None:
    assert mattr(vocabulary(50, length)) == pytest.approx(0.5)
    assert mattr(vocabulary(99, 99)) is None


def test_lexical_diversity_is_the_mean_over_all_windows() -> None:
    words = folded_words("the cat and the dog and the bird sat there and the cat left the dog alone")
    windows = [words[at : at + 5] for at in range(len(words) - 4)]
    assert mattr(words, 5) == pytest.approx(sum(len(set(window)) / 5 for window in windows) / len(windows))


def test_repetition_is_told_within_and_across_scenes() -> None:
    fresh, other = vocabulary(100, 100), vocabulary(100, 100, "v")
    assert repetition_within(fresh) == 0
    assert repetition_within(["a", "b", "c", "d"] * 5) == pytest.approx(1 - 4 / 17)
    assert repetition_across([fresh, other]) == 0
    assert repetition_across([fresh, fresh]) == 1
    assert repetition_across([fresh]) is None


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("“Come in,” she said.", 0.5),
        ('"Come in," she said.', 0.5),
        ("« Entrez donc » dit-elle alors.", 0.5),
        ("„Komm rein“, sagte sie.", 0.5),
        ("‘Don’t go,’ she said.", 0.5),
        ("— Entrez donc\n\nElle sourit.", 0.5),
        ("It was the baker’s boy, and the sailors’ wives.", 0.0),
    ],
)
def test_dialogue_is_found_whatever_its_marks(text: str, share: float) -> None:
    assert dialogue_share(text) == pytest.approx(share)


def test_rhythm_is_nothing_for_a_metronome() -> None:
    assert sentence_rhythm("One two three. " * 6) == 0
    assert (sentence_rhythm("Stop. She walked all the way down to the shore again. " * 4) or 0) > 1


def test_a_misspelt_name_costs_consistency() -> None:
    cast = ("Mirela Voss", "Tomas")
    assert name_consistency(["Mirela saw Tomas. Mirela’s lamp, Tomas' boat."], cast) == 1
    assert name_consistency(["Mirela saw Tomas, and then Mirella saw Thomas."], cast) == pytest.approx(0.5)
    assert name_consistency(["Most people left. He lost most of it."], ("Mosty",)) is None
    assert name_consistency(["Nobody came."], cast) is None


def story_of(*texts: str, target: int = 100) -> MeasuredStory:
    return MeasuredStory(scenes=tuple(MeasuredScene(text=text, target_words=target) for text in texts), findings=1)


def test_a_story_is_measured_with_every_measure_of_the_catalogue() -> None:
    scene = " ".join(vocabulary(100, 100))
    measured = measure_story(story_of(scene, scene, scene))
    assert set(measured) < set(MEASURES)
    assert measured["length_error"] == 0
    assert measured["length_within_15"] == 1
    assert measured["repetition_across"] == 1
    assert measured["findings_per_10k"] == pytest.approx(10_000 / 300)
    assert measured["diversity_lost"] == 0


def test_what_gets_worse_towards_the_end_is_told() -> None:
    good = [" ".join(vocabulary(100, 100, name)) for name in "abcd"]
    bad = [" ".join(vocabulary(4, 50))] * 2
    measured = measure_story(story_of(*good, *bad))
    assert measured["length_error_gained"] == pytest.approx(0.5)
    assert (measured["diversity_lost"] or 0) > 0.9
    assert (measured["repetition_gained"] or 0) > 0.9


@pytest.mark.parametrize("texts", [(), ("",), ("…", "?!"), ("one",)])
def test_a_story_of_nothing_is_measured_too(texts: tuple[str, ...]) -> None:
    assert measure_story(story_of(*texts, target=0))["mattr"] is None
