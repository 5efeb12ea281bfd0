"""Which layouts keep to a pattern, and why the others do not."""

import pytest

from harmo.scorers import registry
from harmo.scorers.aspect.format import format_
from harmo.scorers.types import Message, Sample

ROWS = [
    # pattern, text, value, reason
    ("think_answer", "<think>a</think><answer>b</answer>", 1, "the layout itself"),
    ("think_answer", " <think>a</think>\n\n<answer>b</answer>\n", 1, "whitespace between elements"),
    ("think_answer", "<think>use <answer> tags</think><answer>b</answer>", 1, "talks of the tags"),
    ("think_answer", "So <think>a</think><answer>b</answer>", 0, "a word before"),
    ("think_answer", "<think>a</think>so<answer>b</answer>", 0, "a word between"),
    ("think_answer", "<think>a</think><answer>b</answer>!", 0, "a word after"),
    ("think_answer", "<think>a</think><answer>b</answer><answer>c</answer>", 0, "two answers"),
    ("think_answer", "<think>a<think>a</think><answer>b</answer>", 0, "think opened twice"),
    ("think_answer", "<think>a</think></think><answer>b</answer>", 0, "think closed twice"),
    ("think_answer", "<think>a</think><answer>  </answer>", 0, "an empty answer"),
    ("think_answer", "<think></think><answer>b</answer>", 0, "an empty thought"),
    ("think_answer", "<answer>b</answer><think>a</think>", 0, "the wrong order"),
    ("think_answer", "<THINK>a</THINK><answer>b</answer>", 0, "tags are exact"),
    ("think_answer", "", 0, "nothing"),
    ("think", "<think>a</think>b", 1, "an answer after the thought"),
    ("think", "<think>a</think> ", 0, "no answer"),
    ("think", "<think>a", 0, "never closed"),
    ("think", "a</think>b", 0, "never opened"),
    ("boxed", "so \\boxed{4}", 1, "a box"),
    ("boxed", "so \\boxed {\\frac{1}{2}}.", 1, "a space and inner braces"),
    ("boxed", "<think>x</think>\\boxed{\\{1\\}}", 1, "escaped braces are not braces"),
    ("boxed", "\\boxed{ and \\boxed{4}", 1, "one of them is balanced"),
    ("boxed", "<think>\\boxed{4}</think>4", 0, "a box in the think part does not count"),
    ("boxed", "\\boxed{}", 0, "an empty box"),
    ("boxed", "\\boxed{4", 0, "a box that never closes"),
    ("boxed", "4}", 0, "no box"),
    ("react", "<think>a</think>Action: search\nAction Input: cats", 1, "the layout itself"),
    ("react", "<think>a</think>Action: search", 0, "no input"),
    ("react", "<think>a</think>Action:\nAction Input: cats", 0, "no name"),
    ("react", "<think>a</think>Action: search\nAction Input:", 0, "an empty input"),
    ("react", "Action: search\nAction Input: cats", 0, "no thought"),
    ("boxed", "<think>so \\boxed{4}", 0, "a think part that never closes"),
    ("boxed", "\\boxed{4} <think>hm", 0, "nor one after the box"),
    ("boxed", "<think>a</think>\\boxed{4}<think>", 0, "opened again"),
    ("boxed", "<answer>\\boxed{4}", 0, "an answer element that never closes"),
    ("boxed", "<answer>4</answer> \\boxed{4}", 1, "a box beside an element that closes"),
    ("think", "<think>a</think>b<think>c", 0, "opened again"),
    ("think", "<think>a</think><answer>b", 0, "an answer element that never closes"),
    ("think", "<think>a</think >b", 0, "a variant of the closing tag closes nothing"),
    ("think_answer", "<think>a</think><answer>b", 0, "an answer element that never closes"),
    ("think_answer", "<think>a<answer>b</answer>", 0, "a think part that never closes"),
    ("react", "<think>a</think>Action: s\nAction Input: <think>", 0, "opened again"),
    ("react", "<think>aAction: s\nAction Input: cats", 0, "a think part that never closes"),
    ("react", "<think>a</think>Action: s\nAction Input: <answer>", 0, "an open answer element"),
]


@pytest.mark.parametrize(("pattern", "text", "value", "reason"), ROWS)
def test_pattern_is_kept_or_not(pattern, text, value, reason):
    score = format_(Sample(completion=text), pattern=pattern)
    assert score.value == value, reason
    assert ("why" in score.detail) is (value == 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[plan]a[/plan]b", 1),
        ("[plan]a b", 0),
        ("[plan]a[/plan]b[plan]", 0),
        ("[plan]a[/plan]<answer>b", 0),
        ("[plan]a</think>b", 0),
        ("<think>a</think>b", 0),
    ],
)
def test_custom_tags_are_literal(text, value):
    score = format_(
        Sample(completion=text), pattern="custom", open_tag="[plan]", close_tag="[/plan]"
    )
    assert score.value == value


@pytest.mark.parametrize(
    ("text", "value"), [("[plan]\\boxed{4}", 0), ("[plan]a[/plan]\\boxed{4}", 1)]
)
def test_boxed_takes_the_tags_of_the_recipe(text, value):
    sample = Sample(completion=text, think_tags=("[plan]", "[/plan]"))
    assert format_(sample, pattern="boxed").value == value


def test_prefix_that_the_template_opened_counts():
    sample = Sample(prefix="<think>\n", completion="a</think><answer>b</answer>")
    assert format_(sample).value == 1.0


def test_last_assistant_turn_is_read():
    turns = (
        Message(role="assistant", parts=("<think>a</think>x",)),
        Message(role="tool", parts=("4",)),
        Message(role="assistant", parts=("<think>a</think><answer>4</answer>",)),
    )
    assert format_(Sample(completion=turns)).value == 1.0


@pytest.mark.parametrize("pattern", ["think", "think_answer", "boxed", "react", "custom"])
@pytest.mark.parametrize("text", ["<think>" * 20_000, "\\boxed{" * 20_000, "{" * 200_000, "\\" * 9])
def test_hostile_text_is_read_in_linear_time(pattern, text):
    assert format_(Sample(completion=text), pattern=pattern).value == 0.0


def test_an_unknown_pattern_or_an_empty_tag_is_refused_at_load():
    with pytest.raises(registry.ScorerParamsError, match="pattern"):
        registry.bind("aspect.format", {"pattern": "xml"})
    with pytest.raises(registry.ScorerParamsError, match="open_tag"):
        registry.bind("aspect.format", {"pattern": "custom", "open_tag": ""})
