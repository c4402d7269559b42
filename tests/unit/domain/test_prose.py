import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.prose import (
    clean_prose,
    cut_to_length,
    is_whole,
    locate,
    sentences,
    trim_to_whole_sentences,
    windows,
    without_stray_signs,
)


def parts(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_a_sentence_ends_after_its_closing_quotation_mark() -> None:
    text = "“Go,” she said. “Now!” He went."
    assert parts(text, sentences(text)) == ["“Go,” she said.", "“Now!”", "He went."]


def test_a_title_before_a_name_ends_no_sentence() -> None:
    text = "Mr. Hale met Dr. Finch at St. Anne's. They spoke."
    assert parts(text, sentences(text)) == ["Mr. Hale met Dr. Finch at St. Anne's.", "They spoke."]


@given(st.text())
def test_windows_cover_every_sentence_and_stay_in_the_text(text: str) -> None:
    covered = windows(text)
    for start, end in sentences(text):
        assert any(first <= start and end <= last for first, last in covered)


def test_windows_are_as_long_as_is_asked_and_overlap_by_a_short_sentence() -> None:
    short = "One. Two. Three. Four. Five."
    assert parts(short, windows(short, 20)) == ["One. Two. Three. Four.", "Four. Five."]
    long = "A sentence that is long. Another that is long."
    assert parts(long, windows(long, 12)) == ["A sentence that is long.", "Another that is long."]


@pytest.mark.parametrize(
    ("answer", "prose"),
    [
        ("Scene 1: The Letter\n\nThe sea was calm.", "The sea was calm."),
        ("**Scene 3**\nThe sea was calm.", "The sea was calm."),
        ("Here is the scene:\n\nThe sea was calm.", "The sea was calm."),
        ("# The Letter\n\nThe sea was calm.\n\n---\n(120 words)", "The sea was calm."),
        ("```\nThe sea was calm.\n```", "The sea was calm."),
        ("Title: The Letter\nPlace: the pier\nThe sea was *calm*.", "The sea was *calm*."),
        ("The sea was calm. The gulls cried and", "The sea was calm."),
        ("The sea was calm.\n\nThe editor found this wrong with it:\n- The scene is too long.", "The sea was calm."),
        ("The sea was calm.\r\nThe gulls cried.\r\n\r\nThe end.", "The sea was calm. The gulls cried."),
    ],
)
def test_only_the_prose_of_an_answer_is_kept(answer: str, prose: str) -> None:
    assert clean_prose(answer) == prose


@pytest.mark.parametrize(
    "prose",
    [
        "“Time,” he said, “is short.”",
        "Scenes like this one were rare in the village.",
        "Place your hand here, she said. Then wait.",
        "The end of the road came into view.",
    ],
)
def test_prose_that_only_looks_like_a_label_is_kept(prose: str) -> None:
    assert clean_prose(prose) == prose


def test_a_sentence_that_fell_into_another_script_is_dropped() -> None:
    text = "The lamp burned low. “We must make我们的 way there.” She went down to the water and waited for the tide."
    assert clean_prose(text) == "The lamp burned low. She went down to the water and waited for the tide."


def test_a_text_in_another_script_is_kept() -> None:
    text = "灯塔在夜里亮着。她走向大海。Ines was there."
    assert clean_prose(text) == text


def test_a_text_of_one_unfinished_sentence_gets_its_full_stop() -> None:
    assert trim_to_whole_sentences("The sea was calm and,") == "The sea was calm and."


@given(st.text(alphabet='ab .!?\n“”"#:*'))
def test_cleaned_prose_is_empty_or_ends_with_a_whole_sentence(text: str) -> None:
    cleaned = clean_prose(text)
    assert not cleaned or is_whole(cleaned)


def test_a_quote_is_found_whatever_its_spaces_case_and_marks() -> None:
    text = "She said: “Come  back,\nAda.” And left."
    span = locate('"come back, ada."', text)
    assert span is not None
    assert text[slice(*span)] == "“Come  back,\nAda.”"


@pytest.mark.parametrize("quote", ["", "   ", "Come back, Eva.", "back Ada"])
def test_a_quote_that_is_not_there_is_not_found(quote: str) -> None:
    assert locate(quote, "She said: “Come back, Ada.”") is None


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_every_part_of_a_text_is_found_in_it(text: str, start: int, length: int) -> None:
    part = text[start : start + length].strip()
    if part:
        assert locate(part, text) is not None


@pytest.mark.parametrize(
    "text", ["เขาเดินเข้าไปในห้อง และมองไปรอบๆ ตัว", "Նա գնաց։ Ծովը հանդարտ էր։", "وہ چلا گیا۔ سمندر پرسکون تھا۔"]
)
def test_a_text_is_whole_by_the_signs_of_its_own_script(text: str) -> None:
    assert clean_prose(text) == text


def test_a_text_is_cut_to_its_length_where_a_sentence_ends() -> None:
    text = "One two three. Four five six.\n\nSeven eight nine ten. Eleven."
    assert cut_to_length(text, 7) == "One two three. Four five six."
    assert cut_to_length(text, 1) == "One two three."
    assert cut_to_length(text, 0) == cut_to_length(text, 99) == text


def test_a_few_signs_of_another_script_are_dropped_from_a_line_in_latin_letters() -> None:
    assert without_stray_signs("She feels guilty about not being more积极.") == "She feels guilty about not being more."
    assert without_stray_signs("他走进了 Room 7") == "他走进了 Room 7"


def test_what_a_prompt_says_of_people_is_no_prose() -> None:
    told = "She looked. Mara is to Ines: lost sister's friend. The tide came in. (Known to Tom.)\n\nIt was day."
    assert clean_prose(told) == "She looked. The tide came in.\n\nIt was day."
    kept = "Her hope is to Ines what a lamp is to ships: a promise. It was known to all (known to Mara, too)."
    assert clean_prose(kept) == kept
