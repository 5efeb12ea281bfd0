"""The other rules: one row, one reason."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.types import Image, Reason, Sample, Score

PICTURE = Image(content=b"", media_type="image/png", width=200, height=100)


def scored(name, reference, completion, *, params=None, **fields) -> Score:
    bound = registry.bind(name, params or {})
    sample = Sample(reference=reference, completion=completion, images=(PICTURE,), **fields)
    score = bound.spec.inline(sample, **bound.params) if bound.spec.inline else None
    return score or bound.spec.fn(sample, **bound.params)


PIXELS = {"frame": "pixels"}
ROWS = [
    ("rule.numeric", "5", "\\boxed{5.000001}", {}, 1, "within the relative tolerance"),
    ("rule.numeric", "5", "\\boxed{5.1}", {}, 0, "beyond it"),
    ("rule.numeric", "5", "\\boxed{5.1}", {"atol": 0.2}, 1, "within an absolute one"),
    ("rule.numeric", "0", "0.0001", {}, 0, "relative to zero nothing is near"),
    ("rule.numeric", "5", "4 or 5", {}, 0, "several numbers"),
    ("rule.numeric", "5", "\\boxed{4} \\boxed{5}", {}, 0, "different boxes"),
    ("rule.numeric", "5", "no idea", {}, 0, "no number"),
    ("rule.numeric", "25", "\\boxed{5²}", {}, 1, "a calculation of one number"),
    ("rule.numeric", ["5", "6"], "6", {}, 1, "any accepted number"),
    ("rule.numeric", 2.5, "two and a half", {}, 1, "a JSON number, words"),
    ("rule.count", "3", "There are three red squares.", {}, 1, "a number word"),
    ("rule.count", "3", "three squares and two circles", {}, 0, "two numbers"),
    ("rule.count", "3", "3.5", {}, 0, "no whole number"),
    ("rule.count", "0", "There are no dogs.", {}, 1, "none is zero"),
    ("rule.count", "10", "8", {"partial": True}, 0.8, "off by two of ten"),
    ("rule.count", "2", "9" * 60, {"partial": True}, 0, "a huge miss earns nothing"),
    ("rule.choice", "B", "\\boxed{\\text{B}}", {}, 1, "a letter in LaTeX"),
    ("rule.choice", "B", "(b)", {}, 1, "a small letter in brackets"),
    ("rule.choice", "B", "I think B is right, not C", {}, 1,
     "the pronoun and the denied one aside"),
    ("rule.choice", "C", "The answer is C because A is wrong", {}, 1, "the clause of the cue"),
    ("rule.choice", "B", "A or B", {}, 0, "hedging"),
    ("rule.choice", "B", "A, B", {}, 0, "hedging with a comma"),
    ("rule.choice", "A", "A dog is an animal", {}, 0, "the article chooses nothing"),
    ("rule.choice", "C", "A) no. B) no. C) yes. So C.", {}, 0, "starts with another letter"),
    ("rule.choice", "C", "Let's check. A) no. B) no. So C.", {}, 1, "ends with its choice"),
    ("rule.choice", "B. red", "\\boxed{red}", {}, 1, "the option's text"),
    ("rule.choice", "A,C", "AC", {"multi_select": True}, 1, "a set of letters"),
    ("rule.choice", "A,C", "A", {"multi_select": True}, 0, "a part of the set"),
    ("rule.yes_no", "yes", "Yes, because no one knows.", {}, 1, "the lead decides"),
    ("rule.yes_no", "yes", "I know", {}, 0, "no word within a word"),
    ("rule.yes_no", "no", "That is not true.", {}, 1, "a negated yes"),
    ("rule.yes_no", "no", "No doubt: yes.", {}, 0, "both"),
    ("rule.yes_no", "yes", "yes or no", {}, 0, "both"),
    ("rule.yes_no", True, "\\boxed{true}", {}, 1, "a boolean reference"),
    ("rule.yes_no", "yes", "oui", {}, 1, "another language"),
    ("rule.chart_relaxed", "100", "104", {}, 1, "within five percent"),
    ("rule.chart_relaxed", "100", "106", {}, 0, "beyond"),
    ("rule.chart_relaxed", "-100", "-96", {}, 1, "of the absolute value"),
    ("rule.chart_relaxed", "2010", "2011", {}, 0, "years are exact"),
    ("rule.chart_relaxed", "0", "0.01", {}, 0, "zero is exact"),
    ("rule.chart_relaxed", "50%", "51", {}, 1, "the percent sign left out"),
    ("rule.chart_relaxed", "Blue", "blue.", {}, 1, "a label"),
    ("rule.chart_relaxed", "12", "Blue", {}, 0, "a label for a number"),
    ("rule.exact", "The Beatles", "beatles!", {}, 1, "case, article, punctuation"),
    ("rule.exact", "Beatles", "Beatles or Stones", {}, 0, "more than the reference"),
    ("rule.exact", "1,000", "1000", {}, 1, "numbers as numbers"),
    ("rule.exact", "Foo", "foo", {"case_sensitive": True}, 0, "case on request"),
    ("rule.exact", "a", "\\boxed{a}\\boxed{b}", {}, 0, "different boxes"),
    ("rule.contains", "red cat", "I saw the red cat run", {}, 1, "whole words"),
    ("rule.contains", "cat", "concatenate", {}, 0, "no part of a word"),
    ("rule.contains", ["cat", "dog"], "a cat", {"all_of": True}, 0, "all on request"),
    ("rule.token_f1", "red cat", "red dog", {}, 0.5, "half the words"),
    ("rule.token_f1", "red", "red red", {}, 2 / 3, "words count as often as they stand"),
    ("rule.anls", "foobar", "foobaz", {}, 5 / 6, "one letter of six"),
    ("rule.anls", "foobar", "xyz", {}, 0, "below the threshold"),
    ("rule.anls", ["foo", "bar"], "bar", {}, 1, "the best reference"),
    ("rule.ocr", "hello world", "hello  world", {}, 1, "blanks are one blank"),
    ("rule.ocr", "abcd", "abcx", {}, 0.75, "one letter of four"),
    ("rule.ocr", "abcd", "", {}, 0, "nothing read"),
    ("rule.ocr", "ABCD", "abcd", {"case_sensitive": False}, 1, "case on request"),
    ("rule.vqa", ["yes"] * 10, "Yes.", {}, 1, "everyone says so"),
    ("rule.vqa", ["2"] * 2 + ["3"] * 8, "two", {}, 0.6, "two of ten, leave-one-out"),
    ("rule.vqa", "red", "red", {}, 1, "one annotator: exact"),
    ("rule.regex", "^a+b$", "aab", {}, 1, "the reference as pattern"),
    ("rule.regex", None, "xay", {"pattern": "a"}, 1, "the recipe's pattern, anywhere"),
    ("rule.regex", None, "xay", {"pattern": "a", "whole": True}, 0, "all of the answer"),
    ("rule.regex", "(a*)*b", "a" * 5000, {}, 0, "linear where others backtrack"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 25]", PIXELS, 0.5, "half of it"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 26]", {**PIXELS, "threshold": 0.5}, 1,
     "a threshold"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0,0,50,50] or [0,0,9,9]", PIXELS, 0, "two boxes"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[50, 50, 0, 0]", PIXELS, 0, "corners the wrong way round"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 50]", {**PIXELS, "layout": "xywh"}, 1,
     "another layout"),
    ("rule.bbox_iou", {"box": [0, 0, 1, 1], "frame": "unit"}, "[0,0,1,1]", {}, 1,
     "the reference's frame"),
    ("rule.bbox_set", [[0, 0, 9, 9], [20, 20, 30, 30]], "[[20,20,30,30],[0,0,9,9]]", PIXELS, 1,
     "in any order"),
    ("rule.bbox_set", [[0, 0, 9, 9]], "[0,0,9,9] [20,20,30,30]", PIXELS, 2 / 3, "one too many"),
    ("rule.bbox_set", [[0, 0, 9, 9]], "nothing there", PIXELS, 0, "no box"),
    ("rule.point_in_box", [0, 0, 10, 10], "(5, 5)", PIXELS, 1, "inside"),
    ("rule.point_in_box", [0, 0, 10, 10], "(50, 5)", PIXELS, 0, "outside"),
    ("rule.point_in_box", [0, 0, 10, 10], "(5, 5) or (50, 5)", PIXELS, 0, "two points"),
    ("rule.point_in_box", [0, 0, 10, 10], "[4, 4, 6, 6]", PIXELS, 1, "a box stands for its centre"),
    ("rule.json_schema", {"a": "Foo"}, '{"a": "foo"}', {}, 1, "fields by rule.exact"),
    ("rule.json_schema", {"a": 1, "b": 2}, '{"a": 1, "b": 3}', {}, 0.5, "one of two fields"),
    ("rule.json_schema", {"a": "1/2"}, '{"a": "0.5"}', {"fields": {"a": "rule.math"}}, 1,
     "a rule of its own"),
    ("rule.json_schema", None, '{"a": 1}', {"schema": {"required": ["b"]}}, 0,
     "against the schema"),
    ("rule.json_schema", {"a": 1}, '```json\n{"a": 1}\n```', {}, 1, "a fenced block"),
    ("rule.json_schema", {"a": 1}, "{'a': 1}", {}, 0, "no JSON"),
    ("rule.json_schema", {"a": 1}, "[" * 100000, {}, 0, "too deep"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


TEXT_RULES = (
    "rule.math", "rule.numeric", "rule.count", "rule.choice", "rule.yes_no", "rule.chart_relaxed",
    "rule.exact", "rule.contains", "rule.token_f1", "rule.anls", "rule.ocr", "rule.vqa",
)  # fmt: skip


@pytest.mark.parametrize("name", TEXT_RULES)
@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, Reason.NO_REFERENCE),
        (" ", Reason.UNREADABLE_REFERENCE),
        ([], Reason.UNREADABLE_REFERENCE),
    ],
)  # fmt: skip
def test_no_reference_no_verdict(name, reference, reason):
    assert scored(name, reference, "5").reason is reason


@pytest.mark.parametrize(
    ("name", "reference", "params", "reason", "why"),
    [
        ("rule.numeric", "blue", {}, Reason.UNREADABLE_REFERENCE, "no number"),
        ("rule.count", "2.5", {}, Reason.UNREADABLE_REFERENCE, "no whole number"),
        ("rule.choice", "42", {}, Reason.UNREADABLE_REFERENCE, "no option"),
        ("rule.yes_no", "perhaps", {}, Reason.UNREADABLE_REFERENCE, "neither"),
        ("rule.bbox_iou", [0, 0, 9, 9], {}, Reason.UNREADABLE_REFERENCE, "no frame declared"),
        ("rule.bbox_iou", [9, 9, 0, 0], PIXELS, Reason.UNREADABLE_REFERENCE, "an empty box"),
        ("rule.bbox_set", [], PIXELS, Reason.UNREADABLE_REFERENCE, "no box"),
        ("rule.regex", "(?=a)", {}, Reason.UNREADABLE_REFERENCE, "look-around is not RE2"),
        ("rule.json_schema", "{", {}, Reason.UNREADABLE_REFERENCE, "no JSON"),
        ("rule.json_schema", None, {"schema": {"$ref": "http://x/y"}},
         Reason.UNREADABLE_REFERENCE, "a schema elsewhere"),
    ],
)  # fmt: skip
def test_unreadable_reference_abstains(name, reference, params, reason, why):
    assert scored(name, reference, '{"a": 1}', params=params).reason is reason, why


def test_options_come_from_the_prompt():
    prompt = "Which animal?\nA. cat\nB. dog"

    assert scored("rule.choice", "B", "\\boxed{dog}", prompt=prompt).value == 1.0
    assert scored("rule.choice", "dog", "B", prompt=prompt).value == 1.0


def test_pixels_without_an_image_abstain():
    bound = registry.bind("rule.bbox_iou", PIXELS)
    sample = Sample(reference=[0, 0, 9, 9], completion="[0,0,9,9]")

    assert bound.spec.fn(sample, **bound.params).reason is Reason.UNREADABLE_REFERENCE


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"pattern": "(?=a)"}, "RE2"),
        ({"pattern": "a" * 5000}, "RE2"),
    ],
)
def test_bad_pattern_is_refused_at_load(params, fault):
    with pytest.raises(registry.ScorerParamsError, match=fault):
        registry.bind("rule.regex", params)
