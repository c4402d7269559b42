"""What is set as code in a message of ours, and what is a name in it."""

from chorus.ui.markup import paragraphs, worded


def test_a_command_is_code_and_a_title_is_not() -> None:
    said = worded("There is no run 7: `chorus runs` lists them. Somebody else is called `<b>Ann</b>`.")
    assert said == (
        "There is no run 7: <code>chorus runs</code> lists them. Somebody else is called `&lt;b&gt;Ann&lt;/b&gt;`."
    )


def test_paragraphs_are_numbered_as_a_person_counts_them() -> None:
    assert paragraphs("One.\n\n \n\nTwo.", mark=str) == '<p dir="auto">One.1</p><p dir="auto">Two.2</p>'
