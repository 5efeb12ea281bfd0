"""What workers said is kept for as long as it fits, and only where the same would be said again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo import Reason, Sample, Score, scorer
from harmo.app.remembered import KEPT_BYTES, Remembered
from harmo.scorers.registry import bind
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Image


@scorer("rule.says_all", isolate=True, by_text=True, carries=("prompt", "metadata"))
def says_all(sample: Sample, *, strict: bool = False) -> Score:
    """1.0, by what it says it reads."""
    return Score(value=1.0)


@scorer("rule.says_half", isolate=True, by_text=True)
def says_half(sample: Sample) -> Score:
    """1.0, by whatever it likes."""
    return Score(value=1.0)


SAMPLE = Sample(prompt="2 + 2 = ?", completion="4", reference="4", metadata={"a": 1})
BOUND = bind("rule.says_all", {})


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (replace(SAMPLE, completion="5"), "another text"),
        (replace(SAMPLE, prefix="1"), "a text that goes on from a prefix"),
        (replace(SAMPLE, reference="5"), "another reference"),
        (replace(SAMPLE, reference=4), "a number is no text"),
        (replace(SAMPLE, metadata={"a": True}), "nor is 1 True"),
        (replace(SAMPLE, metadata={"a": 1.0}), "nor 1.0"),
        (replace(SAMPLE, prompt="2 + 3 = ?"), "another prompt"),
        (replace(SAMPLE, metadata={"a": 2}), "other metadata"),
        (replace(SAMPLE, references={"b": "4"}), "a further reference"),
        (replace(SAMPLE, constraints=["a"]), "a constraint"),
        (replace(SAMPLE, task="math"), "a task"),
        (replace(SAMPLE, delimited=True), "the content of an answer element"),
        (replace(SAMPLE, unanswered="why"), "no answer part"),
        (replace(SAMPLE, think_tags=("<a>", "</a>")), "other think tags"),
    ],
)
def test_what_a_score_depends_on_is_in_its_key(other: Sample, why: str) -> None:
    keys = Remembered(1 << 20).keys(BOUND)
    named = [keys.key(sample) for sample in (SAMPLE, other, SAMPLE)]
    assert named[0] == named[2] != named[1], why


def test_the_params_are_in_the_key_too() -> None:
    remembered = Remembered(1 << 20)
    strict = bind("rule.says_all", {"strict": True})
    assert remembered.keys(BOUND).key(SAMPLE) != remembered.keys(strict).key(SAMPLE)


def test_equal_samples_have_one_key_whoever_made_them() -> None:
    again = Sample(prompt="2 + 2 = ?", completion="4", reference="4", metadata={"a": 1})
    keys = [Remembered(1 << 20).keys(BOUND).key(sample) for sample in (SAMPLE, again)]
    assert keys[0] == keys[1]


def test_half_a_surrogate_has_a_key() -> None:
    assert Remembered(1 << 20).keys(BOUND).key(replace(SAMPLE, completion="\ud800"))


PICTURE = Image(content=b"x", media_type="image/png", width=1, height=1)


@pytest.mark.parametrize(
    ("remembered", "bound", "sample", "why"),
    [
        (Remembered(1 << 20), bind("rule.says_half", {}), SAMPLE, "it may read what it likes"),
        (Remembered(1 << 20), BOUND, replace(SAMPLE, images=(PICTURE,)), "pictures are large"),
        (Remembered(0), BOUND, SAMPLE, "there is no room"),
        (
            Remembered(1 << 20),
            BOUND,
            replace(SAMPLE, metadata={"a": lambda: 1}),
            "it cannot travel",
        ),
    ],
)
def test_some_have_no_key(
    remembered: Remembered, bound: BoundScorer, sample: Sample, why: str
) -> None:
    assert remembered.keys(bound).key(sample) is None, why


@pytest.mark.parametrize(
    ("score", "kept", "why"),
    [
        (Score(value=1.0), True, "right stays right"),
        (Score(value=0.0, detail={"pair": "deadline"}), True, "CPU time is the text's own"),
        (Score.abstain(Reason.UNREADABLE_REFERENCE), True, "the request brings the same again"),
        (Score.abstain(Reason.DEADLINE), False, "ours"),
        (Score.abstain(Reason.WORKER_CRASHED), False, "ours"),
        (Score.abstain(Reason.OVERLOADED), False, "ours"),
    ],
)
def test_what_would_come_out_again_is_kept(score: Score, kept: bool, why: str) -> None:
    remembered = Remembered(1 << 20)
    remembered.keep(b"key", score)
    assert remembered.score(b"key") == (score if kept else None), why


def test_the_oldest_make_room_and_what_is_asked_for_is_not_old() -> None:
    remembered = Remembered(3 * (KEPT_BYTES + 4))
    for name in (b"a", b"b", b"c"):
        remembered.keep(name, Score(value=1.0))
    assert remembered.score(b"a")
    remembered.keep(b"d", Score(value=1.0))
    found = {name for name in (b"a", b"b", b"c", b"d") if remembered.score(name)}
    assert found == {b"a", b"c", b"d"}


def test_a_long_detail_counts_and_one_kept_twice_counts_once() -> None:
    remembered = Remembered(100_000)
    for _ in range(5):
        remembered.keep(b"a", Score(value=1.0, detail={"answer": "x" * 40_000}))
    assert remembered.score(b"a")
    remembered.keep(b"b", Score(value=1.0, detail={"answer": "x" * 40_000}))
    assert (remembered.score(b"a"), len(remembered)) == (None, 1)
    remembered.keep(b"c", Score(value=1.0, detail={"answer": "x" * 100_000}))
    assert len(remembered) == 0, "larger than everything together"
