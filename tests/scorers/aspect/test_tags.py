"""Tags that stand once."""

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.tags import tag_count
from harmo.scorers.types import Sample

TAGS = [
    ("<think>a</think><answer>b</answer>", 1.0, "all four once"),
    ("<think>a</think>b", 0.5, "two of four"),
    ("<think>a</think></think>b", 0.25, "a tag twice earns nothing"),
    ("</answer><think>", 0.5, "order is another aspect's business"),
    ("", 0.0, "nothing"),
    ("<think>" * 20_000, 0.0, "a flood of tags"),
]


@pytest.mark.parametrize(("text", "value", "reason"), TAGS)
def test_tags_that_stand_once(text, value, reason):
    assert tag_count(Sample(completion=text)).value == value, reason


def test_tag_names_are_the_recipes():
    assert tag_count(Sample(prefix="<plan>", completion="a</plan>"), tags=("plan",)).value == 1.0
    with pytest.raises(registry.ScorerParamsError, match="tags"):
        registry.bind("aspect.tag_count", {"tags": ["a b"]})
