from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.context import ContextItem, ItemKind
from chorus.memory import assemble

items = st.builds(
    ContextItem,
    kind=st.sampled_from(ItemKind),
    source=st.just("scene 1"),
    text=st.text(min_size=1, max_size=400),
    always=st.booleans(),
)


@given(st.lists(items, max_size=30), st.integers(0, 500))
def test_what_must_be_told_is_told_and_the_rest_keeps_to_the_budget(
    given_items: list[ContextItem], budget: int
) -> None:
    context = assemble(given_items, budget)
    told = {choice.item.text for choice in context.choices if choice.included}
    for item, choice in zip(given_items, context.choices, strict=True):
        if item.always:
            assert choice.item.text in told
            assert choice.item.text == item.text or len(choice.item.text) < len(item.text)
    spare = sum(c.tokens for c in context.choices if c.included and not c.item.always)
    assert spare <= max(0, budget)
    assert len(context.choices) == len(given_items)


def test_the_manifest_says_why_each_item_was_in_or_out() -> None:
    told = [
        ContextItem(kind=ItemKind.ENDING, source="scene 1", text="It was dark.", always=True),
        ContextItem(kind=ItemKind.MEMORY, source="scene 2", text="x" * 400, score=0.5, rank=1),
        ContextItem(kind=ItemKind.MEMORY, source="scene 3", text="It was dark."),
    ]
    manifest = assemble(told, 20).manifest
    assert [item["reason"] for item in manifest["items"]] == ["always told", "over the budget", "told already"]
    assert manifest["used_tokens"] == 3
    assert manifest["items"][1]["score"] == 0.5


def test_a_very_long_item_that_must_be_told_is_shortened() -> None:
    context = assemble([ContextItem(kind=ItemKind.ENDING, source="s", text="word " * 2000, always=True)], 1000)
    assert len(context.choices[0].item.text) < 1700


def test_where_the_budget_is_tiny_what_must_be_told_is_told_shorter_and_the_manifest_says_so() -> None:
    ending = " ".join(f"word{number}" for number in range(300))
    told = [
        ContextItem(kind=ItemKind.CHARACTER, source="cast: Ann", text="Ann is a pilot. " * 40, always=True),
        ContextItem(kind=ItemKind.ENDING, source="scene 1", text=ending, always=True),
    ]
    context = assemble(told, 100)
    character, last = context.told(ItemKind.CHARACTER, ItemKind.ENDING)
    assert character.text.startswith("Ann is a pilot.")
    assert last.text.endswith("word299")
    assert context.manifest["used_tokens"] <= 100
    assert {item["reason"] for item in context.manifest["items"]} == {"always told, shortened"}
