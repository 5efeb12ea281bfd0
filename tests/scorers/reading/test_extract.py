"""What a term reads of a completion, and which answer stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.reading import extract
from harmo.scorers.types import Message, Sample

THINKING = "<think>one. two squares</think>so <answer>3</answer> it is"


@pytest.mark.parametrize(
    ("part", "text", "delimited", "why"),
    [
        ("full", THINKING, False, "all of it"),
        (
            "think",
            "one. two squares",
            False,
            "before the last closing tag, without the opening one",
        ),
        ("answer", "3", True, "one answer element: its content"),
        ("last_sentence", "two squares", False, "of the think part"),
    ],
)
def test_view_cuts_to_the_part(part, text, delimited, why):
    seen = extract.view(Sample(completion=THINKING), part=part, reference=None)

    assert (seen.text, seen.delimited) == (text, delimited), why


@pytest.mark.parametrize(
    ("completion", "text", "why"),
    [
        ("no tags at all", "no tags at all", "without a closing tag everything answers"),
        ("<think>a</think>b</think>c", "c", "the last closing tag counts"),
        ("</think><answer>1</answer><answer>2</answer>",
         "<answer>1</answer><answer>2</answer>", "two answers stay"),
        ("a</think><answer>1</answer><answer>1</answer>", "1", "one answer twice is one"),
        ("<answer>1</answer></think>5", "5", "an answer in the thinking is none"),
        ("I will use <answer> tags: <answer>3</answer>", "3", "a tag that is named"),
        ("<think>use <answer>..</think><answer>3</answer>", "3", "a tag named in the thinking"),
        ("<think>a <think> b</think>5", "5", "opened twice, closed: closed"),
        ("<THINK>5", "<THINK>5", "no tag that a chat template writes"),
        ("</think >5", "</think >5", "nor is this, and nothing was open"),
    ],
)  # fmt: skip
def test_answer_part(completion, text, why):
    seen = extract.view(Sample(completion=completion), part="answer", reference=None)

    assert (seen.text, seen.unanswered) == (text, ""), why


@pytest.mark.parametrize(
    ("completion", "text", "delimited", "why"),
    [
        ('{"a": "<think>"}', '{"a": "<think>"}', False, "a tag in a string is text"),
        ('<think>a</think>{"a": "</think>"}', '{"a": "</think>"}', False, "behind the think part"),
        ('<answer>{"a": "</answer>"}</answer>', '{"a": "</answer>"}', True, "in an element"),
        ('{"a": "<answer>5</answer>"}', '{"a": "<answer>5</answer>"}', False, "no element"),
        ('<think>{"a": "</think>7', "7", False, "what is no document is cut at its tags"),
    ],
)
def test_tags_in_the_strings_of_a_json_answer_cut_nothing(completion, text, delimited, why):
    seen = extract.view(Sample(completion=completion), part="answer", reference=None)

    assert (seen.text, seen.delimited, seen.unanswered) == (text, delimited, ""), why


THINK, ANSWER = "<think> never closes", "<answer> never closes"


@pytest.mark.parametrize(
    ("completion", "unanswered", "thinking", "why"),
    [
        ("<think>so \\boxed{7}", THINK, "so \\boxed{7}", "the box is a thought"),
        ("<think>maybe <answer>3</answer>", THINK, "maybe <answer>3</answer>", "so is the element"),
        ("\\boxed{7} <think>hmm", THINK, "hmm", "nor does what stood before it count"),
        ("<think>a</think>\\boxed{7}<think>b", THINK, "b", "opened again"),
        ("a</think>b<think>c<think>d", THINK, "c<think>d", "all from the first that stays open"),
        ("<think>\\boxed{7}</THINK>", THINK, "\\boxed{7}</THINK>", "capitals close nothing"),
        ("<think>a</think >\\boxed{7}", THINK, "a</think >\\boxed{7}", "nor does a blank in it"),
        ("<think>a< /think>7", THINK, "a< /think>7", "nor one before the slash"),
        ("<think>a<\\/think>7", THINK, "a<\\/think>7", "nor a JSON escape"),
        ("<think>a</think", THINK, "a</think", "cut off in the tag"),
        ("<answer>7", ANSWER, "", "an element that never closes holds nothing"),
        ("<answer>\\boxed{7}", ANSWER, "", "nor does a box in it count"),
        ("\\boxed{7} <answer>", ANSWER, "", "or a box before it"),
        ("<answer>7</answer><answer>", ANSWER, "", "or an element before it"),
        ("<think>a</think><answer>7</ANSWER>", ANSWER, "a", "capitals close nothing"),
    ],
)  # fmt: skip
def test_what_never_closes_leaves_no_answer_part(completion, unanswered, thinking, why):
    sample = Sample(completion=completion)
    answer, think = (
        extract.view(sample, part=part, reference=None) for part in ("answer", "think")
    )

    assert (answer.text, answer.delimited, answer.unanswered) == ("", False, unanswered), why
    assert (think.text, think.unanswered) == (thinking, ""), why


def test_the_last_sentence_of_open_thinking_is_read():
    sample = Sample(prefix="<think>\n", completion="one. two squares")

    assert extract.view(sample, part="last_sentence", reference=None).text == "two squares"


@pytest.mark.parametrize(
    ("tags", "completion", "text", "unanswered", "why"),
    [
        (("[THINK]", "[/THINK]"), "[THINK]a[/THINK]7", "7", "", "closed"),
        (("[THINK]", "[/THINK]"), "[THINK]7", "", "[THINK] never closes", "open"),
        (("[THINK]", "[/THINK]"), "[THINK]a</think>7", "", "[THINK] never closes", "others' tag"),
        (("[THINK]", "[/THINK]"), "<think>7", "<think>7", "", "others' tags are text"),
        (("◁think▷", "◁/think▷"), "◁think▷a◁/think▷7", "7", "", "not only ASCII"),
        (("<thinking>", "</thinking>"), "<thinking>7", "", "<thinking> never closes", "longer"),
    ],
)  # fmt: skip
def test_other_tags_round_the_think_part(tags, completion, text, unanswered, why):
    sample = Sample(completion=completion, think_tags=tags)
    seen = extract.view(sample, part="answer", reference=None)

    assert (seen.text, seen.unanswered) == (text, unanswered), why


def test_prefix_is_part_of_the_text():
    seen = extract.view(
        Sample(prefix="<think>\n", completion="a</think>b"), part="think", reference=None
    )

    assert (seen.text, seen.prefix) == ("a", "")


def test_last_assistant_turn_is_read():
    spoken = (("assistant", "1"), ("tool", "2"), ("assistant", "3"))
    turns = tuple(Message(role=role, parts=(text,)) for role, text in spoken)

    assert extract.view(Sample(completion=turns), part="answer", reference=None).text == "3"


def test_named_reference_takes_the_place_of_the_reference():
    sample = Sample(completion="a", reference="x", references={"caption": "y"})

    assert extract.view(sample, part="full", reference="caption").reference == "y"
    assert extract.view(sample, part="full", reference="other").reference is None


@pytest.mark.parametrize(
    ("text", "found", "how", "why"),
    [
        ("so \\boxed{5}.", "5", "box", "a box"),
        ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "box", "balanced braces"),
        ("\\boxed{\\{1\\}}", "\\{1\\}", "box", "escaped braces do not count"),
        ("\\boxed{4} \\boxed{5}", "5", "box", "the last of several"),
        ("\\boxed{\\boxed{5}}", "\\boxed{5}", "box", "a box in a box"),
        ("\\boxed{4}, then \\boxed{5", "4", "box", "a closed box beats an unclosed one"),
        ("the answer is 7. And \\boxed{5", "", "box", "an unclosed box holds nothing"),
        ("The answer is 6. \\boxed{5}", "5", "box", "a box beats a cue"),
        ("<answer> 5 </answer>", "5", "tag", "an element"),
        ("<answer>5", "", "tag", "one that never closes holds nothing"),
        ("\\boxed{4} <answer>5", "", "tag", "nor does a box beside it count"),
        ("The final answer is 5. I hope so.", "5", "cue", "up to the end of the sentence"),
        ("**Answer:** 5", "5", "cue", "markdown aside"),
        ("Answer: 5, not 6", "5", "cue", "what is denied is cut off"),
        ("La réponse est 5", "5", "cue", "French"),
        ("答案是5。", "5", "cue", "Chinese"),
        ("답은 5", "5", "cue", "Korean"),
        ("The answer is not 5", "", "cue", "a denial"),
        ("x = 5", "x = 5", "whole", "a bare answer"),
        ("word " * 300 + "$x$ and $y$.", "x, y", "math", "the last run of formulas"),
        ("word " * 300 + "$x$, so 5", "5", "number", "a number after the last formula"),
        ("word " * 300 + "3, 4, or 5", "3, 4, 5", "number", "an enumeration stays one"),
        ("word " * 300 + "1,234.5 km", "1,234.5", "number", "thousands and decimals"),
        ("word " * 300 + "3 × 10^8 m", "3 × 10^8", "number", "a power of ten belongs to it"),
    ],
)  # fmt: skip
def test_first_candidate(text, found, how, why):
    first = next(extract.candidates(text, extract.MATH))

    assert (first.text, first.how) == (found, how), why


@pytest.mark.parametrize(
    "text",
    ["word " * 300, "word " * 300 + "10 - 3", "word " * 300 + "A2B"],
    ids=["no number", "a calculation left open", "a digit in a word"],
)
def test_prose_without_answer_has_none(text):
    assert list(extract.candidates(text, extract.MATH)) == []


def test_conflicting_boxes_are_all_kept():
    first = next(extract.candidates("\\boxed{4} or \\boxed{5}", extract.MATH))

    assert first.conflicting
    assert first.distinct == ("4", "5")


def test_over_long_box_stays_recognisable():
    first = next(extract.candidates("\\boxed{" + "x" * 5000 + "}", extract.MATH))

    assert len(first.text) == extract.MAX_ANSWER_CHARS + 1


def test_repeated_box_openings_cost_one_pass():
    seen = []

    class Counting(str):
        __slots__ = ()

        def __getitem__(self, key):
            seen.append(key)
            return super().__getitem__(key)

    extract.boxes(Counting("\\boxed{" * 5000))

    assert len(seen) == 0


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="\\boxed{}$<answer>/think()[]0123456789., the is:\n", max_size=300))
def test_any_text_is_cut_and_read(text):
    for part in ("full", "think", "answer", "last_sentence"):
        seen = extract.view(Sample(completion=text), part=part, reference=None)
        assert len(seen.text) <= len(text)
    for answer in extract.candidates(text, extract.MATH):
        assert len(answer.text) <= len(text) + 2 * extract.MAX_ANSWERS
