"""Which language an answer is in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.aspect.language import detect, language
from harmo.scorers.types import Reason, Sample

GERMAN = "Guten Morgen, wie geht es dir heute? Wir gehen in den Park."
LANGUAGES = [
    (GERMAN, "de", 1, "German"),
    (GERMAN, "DE", 1, "the code in capitals"),
    (GERMAN, "en", 0, "not English"),
    ("今天天气很好，我们去公园散步。", "zh", 1, "every Chinese"),
    ("1234 !?", "de", 0, "no letters, no language"),
    ("", "de", 0, "nothing"),
    (f"<think>All of this is English thinking, really.</think>{GERMAN}", "de", 1, "answer only"),
    (f"{GERMAN}<think>{GERMAN}", "de", 0, "thinking that never closes leaves no answer"),
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
