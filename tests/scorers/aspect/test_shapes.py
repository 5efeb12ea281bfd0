"""Tags, JSON, languages, steps and citations: what each aspect pays for."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.aspect.citations import citations
from harmo.scorers.aspect.json_schema import json_schema
from harmo.scorers.aspect.language import detect, language
from harmo.scorers.aspect.reasoning import reasoning_steps
from harmo.scorers.aspect.tags import tag_count
from harmo.scorers.types import Reason, Sample

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


OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
SHAPES = [
    ('{"a": 1}', 1, "valid"),
    ('```json\n{"a": 1}\n```', 1, "fenced"),
    ('<think>{"a": "x"}</think>\n{"a": 1}', 1, "the thinking is not read"),
    ('{"a": "1"}', 0, "the wrong type"),
    ('{"b": 1}', 0, "a field is missing"),
    ('Here it is: {"a": 1}', 0, "text around it"),
    ('{"a": 1} {"a": 1}', 0, "two values"),
    ("", 0, "nothing"),
    ('{"a": NaN}', 0, "NaN is not JSON"),
    ("[" * 20_000, 0, "nested too deep"),
    ('{"a":' * 30_000, 0, "nested too deep, in objects"),
    ('{"a": ' + "1" * 300_000 + "}", 0, "too long"),
    ('{"a": ' + "1" * 5_000 + "}", 0, "an integer too long to convert"),
    ('{"a": 1, "b": "[[[[' + "[" * 100 + '"}', 1, "brackets in a string do not nest"),
    ('{"a": 1, "b": "\\"' + "[" * 100 + '"}', 1, "nor after an escaped quote"),
]


@pytest.mark.parametrize(("text", "value", "reason"), SHAPES)
def test_json_of_the_shape(text, value, reason):
    by_constraint = json_schema(Sample(completion=text, constraints={"json_schema": OBJECT}))
    by_param = json_schema(Sample(completion=text), schema=OBJECT)
    assert by_constraint.value == by_param.value == value, reason
    assert bool(by_param.detail["faults"]) is not bool(value)


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (None, Reason.NO_CONSTRAINTS),
        ([{"json_schema": OBJECT}], Reason.NO_CONSTRAINTS),
        ({"json_schema": "object"}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"type": "thing"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"$ref": "http://127.0.0.1/x"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"$ref": "#"}}, Reason.UNREADABLE_CONSTRAINTS),
        ({"json_schema": {"pattern": "("}}, Reason.UNREADABLE_CONSTRAINTS),
    ],
)
def test_schema_that_cannot_be_used_abstains(constraints, reason):
    assert json_schema(Sample(completion='"a"', constraints=constraints)).reason is reason


GERMAN = "Guten Morgen, wie geht es dir heute? Wir gehen in den Park."
LANGUAGES = [
    (GERMAN, "de", 1, "German"),
    (GERMAN, "DE", 1, "the code in capitals"),
    (GERMAN, "en", 0, "not English"),
    ("今天天气很好，我们去公园散步。", "zh", 1, "every Chinese"),
    ("1234 !?", "de", 0, "no letters, no language"),
    ("", "de", 0, "nothing"),
    (f"<think>All of this is English thinking, really.</think>{GERMAN}", "de", 1, "answer only"),
]


@pytest.mark.parametrize(("text", "code", "value", "reason"), LANGUAGES)
def test_language_of_the_answer(text, code, value, reason):
    by_param = language(Sample(completion=text), language=code)
    by_constraint = language(Sample(completion=text, constraints={"language": code}))
    assert by_param == by_constraint
    assert by_param.value == value, reason


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (None, Reason.NO_CONSTRAINTS),
        ({"language": "xx"}, Reason.UNREADABLE_CONSTRAINTS),
        ({"language": 7}, Reason.UNREADABLE_CONSTRAINTS),
    ],
)
def test_unknown_language_abstains(constraints, reason):
    assert language(Sample(completion=GERMAN, constraints=constraints)).reason is reason


def test_detection_is_the_same_in_threads_and_whatever_other_code_seeds(monkeypatch):
    texts = [GERMAN[: 3 + n] for n in range(24)]
    alone = [detect(text) for text in texts]
    monkeypatch.setattr("langdetect.DetectorFactory.seed", 7)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(detect, texts)) == alone


@settings(deadline=None)
@given(st.text(max_size=200))
def test_detection_is_deterministic_and_bounded(text):
    code, probability = detect(text)
    assert (code, probability) == detect(text)
    assert 0.0 <= probability <= 1.0
    assert (code == "") is (probability == 0.0)


STEPS = [
    ("Step 1: add. Step 2: halve. Step 3: done.", 1.0, "three steps"),
    ("First, add. Then, halve.", 2 / 3, "two of three"),
    ("1. add\n2) halve\n- done\n* end", 1.0, "no more than all"),
    ("It is 3.5 - 2.", 0.0, "a number and a minus sign are no marks"),
    ("", 0.0, "nothing"),
]


@pytest.mark.parametrize(("text", "value", "reason"), STEPS)
def test_marked_steps(text, value, reason):
    assert reasoning_steps(Sample(completion=text)).value == pytest.approx(value), reason


CITED = [
    # text, sources, min_sources, value, reason
    ("So [1].", 2, 1, 1.0, "one real citation"),
    ("So [1][7].", 2, 1, 0.5, "one of two is real"),
    ("So [1, 2] and [1-2].", 2, 2, 1.0, "lists and ranges"),
    ("So [1].", 2, 2, 0.5, "one source of two"),
    ("So.", 2, 1, 0.0, "no citation"),
    ("So [1](http://a).", 2, 1, 0.0, "a link is none"),
    ("So [sic] [^2].", 2, 1, 1.0, "a word in brackets is none, a footnote is one"),
    ("So [lee20] [@kim21].", ["lee20"], 1, 0.5, "named sources"),
    ("<think>[1]</think>So.", 2, 1, 0.0, "the thinking is not read"),
    ("[1-999999]", 2, 1, 2 / 10_001, "a range cannot flood"),
    ("[" * 20_000, 2, 1, 0.0, "brackets that never close"),
]


@pytest.mark.parametrize(("text", "sources", "min_sources", "value", "reason"), CITED)
def test_citations_of_given_sources(text, sources, min_sources, value, reason):
    sample = Sample(completion=text, constraints={"sources": sources})
    assert citations(sample, min_sources=min_sources).value == pytest.approx(value), reason


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        (None, Reason.NO_CONSTRAINTS),
        ({"sources": 0}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": True}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": []}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": ["a", ""]}, Reason.UNREADABLE_CONSTRAINTS),
        ({"sources": "a"}, Reason.UNREADABLE_CONSTRAINTS),
    ],
)
def test_sources_that_are_none_abstain(constraints, reason):
    assert citations(Sample(completion="[1]", constraints=constraints)).reason is reason
