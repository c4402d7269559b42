import pytest

from chorus.domain.words import count_words, tokens_of_a_word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She didn’t go — not yet.", 5),
        ("他走进了房间。", 6),
        ("彼は部屋に入った。", 8),
        ("그는 방에 들어갔다.", 3),
        ("He said 你好 twice.", 5),
        ("iPhone手机", 3),
        ("", 0),
        ("… — !", 0),
    ],
)
def test_words_are_counted_whether_there_are_spaces_or_not(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("เขาเดินเข้าไปในห้องอย่างช้าๆ และมองไปรอบๆ ตัว", 13),
        ("ផ្ទះរបស់គាត់នៅជិតទន្លេ", 6),
    ],
)
def test_words_without_spaces_are_about_as_many_as_a_reader_counts(text: str, words: int) -> None:
    assert abs(count_words(text) - words) <= 0.3 * words


def test_a_language_whose_words_take_many_tokens_gets_the_room_for_them() -> None:
    assert tokens_of_a_word("English") < tokens_of_a_word("Spanish") < tokens_of_a_word("русский")
    assert tokens_of_a_word("Quenya") > tokens_of_a_word("en-GB")
