"""What is tried is right or wrong by construction, whatever the rule says."""

from __future__ import annotations

import json
import random

import pytest

from harmo.app.probe.attacks import HUGE_CHARS, Kind, attempts
from harmo.app.probe.contract import Contract
from harmo.app.probe.meaning import bare
from tests.app.probe.probing import read_by

MATH = "rule: [{scorer: rule.math}]"


def tried(contract: Contract, *others: str, huge: bool = False) -> dict[Kind, list[str]]:
    """The texts by kind."""
    texts: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for attempt in attempts(contract, others, random.Random(0), huge=huge):
        texts[attempt.kind].append(attempt.text)
    return texts


def test_a_reference_is_tried_in_every_form() -> None:
    assert tried(read_by(MATH, "7"))[Kind.ITSELF] == [
        "7",
        "<answer>7</answer>",
        "7<|im_end|>",
        "<think>\nLet me work it out step by step.\n</think>\n<answer>7</answer>",
        "\\boxed{7}",
        "<think>\nLet me work it out step by step.\n</think>\nTherefore the answer is \\boxed{7}.",
        "\\boxed{7}. Let me know if you have any questions!",
        "The answer is 7.",
        "The answer is 7. Let me know if you have any questions!",
    ]


@pytest.mark.parametrize(
    ("terms", "reference", "forms", "why"),
    [
        ("rule: [{scorer: rule.ocr}]", "CAFE 12", 4, "the whole answer is the transcript"),
        ("rule: [{scorer: rule.vqa}]", "red", 7, "no sentence"),
        ("rule: [{scorer: rule.regex}]", "a+", 0, "a pattern is no answer"),
        ("rule: [{scorer: rule.code}]", "assert f(1) == 2", 0, "nor are tests"),
        (MATH, None, 0, "no reference"),
        (MATH, ["1/2", "0.5"], 18, "each of several accepted ones"),
        ("rule: [{scorer: rule.vqa}]", ["red"] * 6 + ["blue"] * 4, 7, "the one most agree on"),
        ("rule: [{scorer: rule.vqa}]", ["red", "red", "blue"], 0, "too few agree"),
        (MATH, "does not exist", 7, "no sentence goes on like this"),
        (MATH, "\\frac{1", 6, "an open brace goes into no box"),
    ],
)
def test_forms_are_those_that_the_rule_takes(
    terms: str, reference: object, forms: int, why: str
) -> None:
    assert len(tried(read_by(terms, reference))[Kind.ITSELF]) == forms, why


def test_a_prefix_that_opens_the_think_part_is_closed_before_an_answer() -> None:
    texts = tried(read_by(MATH, "7", prefix="<think>\n"))
    closed = [*texts[Kind.ITSELF], *texts[Kind.NEAR], *texts[Kind.UNIVERSAL], *texts[Kind.HEDGE]]
    assert all("</think>\n" in text and "<think>" not in text for text in closed)
    assert any("</think>" not in text for text in texts[Kind.UNFINISHED])


def test_terms_that_read_the_think_part_find_their_reference_in_it() -> None:
    terms = (
        "rule: [{scorer: rule.exact}]\n"
        "model: [{scorer: model.similarity, reference: caption, part: last_sentence}]"
    )
    contract = read_by(terms, "red", references={"caption": "two red squares"})
    texts = tried(contract, "blue")
    for kind in (Kind.ITSELF, Kind.UNIVERSAL, Kind.OTHERS):
        assert all(text.startswith("<think>\ntwo red squares\n</think>") for text in texts[kind])


@pytest.mark.parametrize(
    ("reference", "never", "why"),
    [
        ("1", "1", "the answer itself"),
        ("1", "True", "a truth may be 1"),
        ("\\frac{2}{2}", "1", "its value"),
        ("all real numbers", "1=1", "which is true of all"),
        ("None", "None of the above", "which says as much"),
        ("0", "None of the above", "which may be 0"),
        ("1 m^2", "1", "a unit may be missing"),
        ("A", "A", "the letter itself"),
        ("0.01", "1", "perhaps a percentage"),
    ],
)
def test_a_universal_answer_that_may_be_right_is_not_tried(
    reference: str, never: str, why: str
) -> None:
    texts = tried(read_by(MATH, reference))
    wrong = [text for kind in Kind if kind is not Kind.ITSELF for text in texts[kind]]
    forms = (never, f"\\boxed{{{never}}}", f"<answer>{never}</answer>")
    assert not set(forms) & set(wrong), why


def test_texts_of_options_are_no_universal_answers_there() -> None:
    prompt = "Which? A) red B) All of the above"
    texts = tried(read_by("rule: [{scorer: rule.choice}]", "B", prompt))[Kind.UNIVERSAL]
    assert not any("All of the above" in text for text in texts)
    assert any("A, B" in text for text in texts)


@pytest.mark.parametrize(
    ("reference", "prompt", "expressions", "why"),
    [
        (
            "5049",
            "What is $51 \\cdot 99$?",
            ["51 \\cdot 99", "99"],
            "a calculation is left to be done",
        ),
        ("3", "Solve $x + 2 = 5$.", ["x + 2 = 5", "5"], "an equation is no solution; a number"),
        ("x^2", "Derive $x^3/3$.", ["x^3/3", "3"], "another value"),
        ("5", "Let $x = 5$. What is x?", [], "an assignment says the answer"),
        ("3/4", "What is $\\frac{3}{4}$?", ["4"], "the same fraction"),
        ("9", "Tom is 9.", [], "the number is right"),
    ],
)
def test_the_questions_own_expressions(
    reference: str, prompt: str, expressions: list[str], why: str
) -> None:
    texts = tried(read_by(MATH, reference, prompt))[Kind.QUESTION]
    bared = [bare(text).removeprefix("<answer>").removesuffix("</answer>") for text in texts]
    assert bared == [bare(text) for text in expressions], why


def test_other_references_are_tried_unless_they_may_be_right() -> None:
    texts = tried(read_by(MATH, "1/2"), "0.5", "50\\%", "7", "(1,2)")[Kind.OTHERS]
    assert len(texts) == 2
    assert all("7" in text or "(1,2)" in text for text in texts)


def test_a_rule_with_a_tolerance_is_tried_with_what_is_far_off() -> None:
    strict = tried(read_by("rule: [{scorer: rule.numeric}]", "1000"))[Kind.NEAR]
    loose = tried(read_by("rule: [{scorer: rule.numeric, params: {rtol: 0.05}}]", "1000"))[
        Kind.NEAR
    ]
    assert any("1001" in text for text in strict)
    assert loose
    assert not any("1001" in text for text in loose)


def test_parts_of_a_list_are_no_hedges() -> None:
    assert tried(read_by(MATH, "\\{1, 2\\}"), "7")[Kind.HEDGE] == []
    assert len(tried(read_by(MATH, "3"), "7")[Kind.HEDGE]) == 6


@pytest.mark.parametrize(
    ("reference", "never", "why"),
    [
        ("0", "-\\boxed{0}", "minus nothing"),
        ("0", "2\\boxed{0}", "twice nothing"),
        ("1", "\\boxed{1}^2", "one squared"),
        ("Paris", "-\\boxed{Paris}", "no number"),
    ],
)
def test_a_decoration_that_changes_nothing_is_not_tried(
    reference: str, never: str, why: str
) -> None:
    assert never not in tried(read_by(MATH, reference))[Kind.DECORATED], why


@pytest.mark.parametrize(
    ("reference", "gapped"),
    [("12", "\\boxed{1 2}"), ("1234", "\\boxed{123 4}"), ("7", ""), ("-12", ""), ("1.25", "")],
)
def test_a_gap_that_groups_nothing(reference: str, gapped: str) -> None:
    made = attempts(read_by(MATH, reference), [], random.Random(0), huge=False)
    found = [attempt.text for attempt in made if attempt.how == "a gap in it"]
    assert found == [gapped] * bool(gapped)


@pytest.mark.parametrize(
    ("terms", "right", "wrong"),
    [
        ("rule: [{scorer: rule.order}]", "red, dark blue", "red"),
        (
            "rule: [{scorer: rule.labels}]",
            '["red", "dark blue"]',
            "red, dark blue, nothing of the kind",
        ),
    ],
)
def test_a_list_is_tried_as_a_whole(terms: str, right: str, wrong: str) -> None:
    texts = tried(read_by(terms, ["red", "dark blue"]))
    assert {right, f"<answer>{right}</answer>", f"\\boxed{{{right}}}"} <= set(texts[Kind.ITSELF])
    assert "red" not in texts[Kind.ITSELF]
    assert any(wrong in text for text in texts[Kind.NEAR])


GUI = "rule: [{scorer: rule.gui_action, params: {frame: %s}}]"


@pytest.mark.parametrize(
    ("frame", "reference", "point", "why"),
    [
        ("pixels", {"action": "click", "box": [10, 20, 30, 40]}, [20.0, 30.0], "of any size"),
        ("thousand", {"action": "click", "box": [10, 20, 30, 40]}, [20.0, 30.0], "its middle"),
        ("thousand", {"action": "click", "box": [0.1, 0.2, 0.3, 0.4], "frame": "unit"},
         [200.0, 300.0], "in the answer's frame"),
    ],
)  # fmt: skip
def test_an_action_is_tried_in_the_middle_of_its_place(frame, reference, point, why) -> None:
    texts = tried(read_by(GUI % frame, reference))
    said = json.loads(texts[Kind.ITSELF][0])
    assert said["action"] == "click", why
    assert said["point"] == pytest.approx(point), why
    near = " ".join(texts[Kind.NEAR])
    assert all(word in near for word in ("hover", "wait")), why
    assert len(texts[Kind.NEAR]) == 4, why


@pytest.mark.parametrize("reference", [
    {"action": "click"}, "hello", {"action": "drag", "start": [1, 2], "end": [3, 4]}, None,
    {"action": "click", "box": [1, 2, 3, 4], "frame": "unit"},
])  # fmt: skip
def test_an_action_that_nobody_can_write_down_is_not_tried(reference) -> None:
    assert tried(read_by(GUI % "pixels", reference))[Kind.ITSELF] == []


def test_a_reference_in_another_frame_is_no_answer_to_itself() -> None:
    terms = "rule: [{scorer: rule.bbox_iou, params: {frame: thousand}}]"
    own = {"box": [10, 20, 30, 40], "frame": "pixels"}
    assert tried(read_by(terms, own))[Kind.ITSELF] == []
    assert tried(read_by(terms, {**own, "frame": "thousand"}))[Kind.ITSELF] != []


def test_what_matches_a_pattern_is_anybodys_guess() -> None:
    texts = tried(read_by("rule: [{scorer: rule.regex}]", "a+"), "b")
    assert {kind for kind in Kind if texts[kind]} == {Kind.NOTHING, Kind.UNFINISHED}
    assert texts[Kind.NOTHING] == ["", " \n"]


def test_unfinished_thoughts_are_no_failure_where_a_rule_reads_them() -> None:
    terms = "rule: [{scorer: rule.math, part: full}]"
    assert tried(read_by(terms, "7"))[Kind.UNFINISHED] == []


def test_enormous_texts_are_bounded() -> None:
    texts = tried(read_by(MATH, "7"), huge=True)[Kind.HUGE]
    assert len(texts) > 5
    assert max(map(len, texts)) <= HUGE_CHARS


def test_every_text_is_tried_once_and_the_draw_is_seeded() -> None:
    contract = read_by(MATH, "7")
    others = [str(n) for n in range(100)]
    first, again = (attempts(contract, others, random.Random(3), huge=True) for _ in range(2))
    assert first == again
    assert len({attempt.text for attempt in first}) == len(first)


@pytest.mark.parametrize("reference", ["x>3", "x \\ge 3", "\\{x \\mid x>3\\}", "[1,2]"])
def test_conditions_with_an_or_may_say_the_same(reference: str) -> None:
    assert tried(read_by(MATH, reference), "7")[Kind.HEDGE] == []


@pytest.mark.parametrize("reference", ["\\prod_{k=1}^{5}k", "(C) 18"])
def test_a_digit_that_may_not_count_is_not_changed(reference: str) -> None:
    assert tried(read_by(MATH, reference))[Kind.NEAR] == []
