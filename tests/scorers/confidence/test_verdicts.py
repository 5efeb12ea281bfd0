"""The labelled verdicts: what the set must be, and what the rules must say of it.

Rules that need workers are judged here on their quick path only; `python -m benchmarks.verdicts`
judges all of them as the service does.
"""

from collections import Counter
from pathlib import Path

import pytest

from harmo.scorers import registry
from harmo.scorers.confidence.calibrate import LabelledPair, parse_pairs
from harmo.scorers.reading.extract import view
from harmo.scorers.types import Score

DIRECTORY = Path(__file__).parents[2] / "data" / "verdicts"
UNLABELLED = {"rule.code"}  # its verdicts come from an external sandbox

registry.load()
PAIRS = [
    pair
    for path in sorted(DIRECTORY.glob("*.jsonl"))
    for pair in parse_pairs(path.read_text(encoding="utf-8"), source=path.name)
]
# Test modules register rules of their own in the same process.
BUILT_IN = [spec for spec in registry.all_specs() if spec.origin.startswith("harmo.scorers.")]
RULES = {spec.name: spec for spec in BUILT_IN if spec.family == "rule"}
IN_PROCESS = sorted(
    name
    for name, spec in RULES.items()
    if not (spec.isolate or spec.dispatches or name in UNLABELLED)
)


def judged(name: str) -> list[tuple[LabelledPair, Score]]:
    """What a scorer says without a worker; pairs it would send to one are left out."""
    outcomes = []
    for pair in (pair for pair in PAIRS if pair.scorer == name):
        bound = registry.bind(name, pair.params)
        sample = view(pair.sample, part=bound.spec.reads, reference=None)
        run = bound.spec.inline if bound.spec.isolate else bound.spec.fn
        score = run(sample, **bound.params) if run else None
        if score is not None:
            outcomes.append((pair, score))
    return outcomes


def shown(outcomes: list[tuple[LabelledPair, Score]]) -> list[tuple[object, ...]]:
    return [(p.label, s.value, s.reason, p.reference, p.completion, p.why) for p, s in outcomes]


def test_every_rule_has_labelled_pairs():
    assert {pair.scorer for pair in PAIRS} == set(RULES) - UNLABELLED


def test_the_set_is_large_hard_and_split_in_halves():
    fresh = [pair for pair in PAIRS if pair.split != "development"]
    assert len(fresh) >= 1500
    assert sum(pair.scorer == "rule.math" for pair in fresh) >= 700
    assert sum(pair.hard for pair in fresh) >= 0.4 * len(fresh)
    assert 0.45 <= sum(pair.split == "test" for pair in fresh) / len(fresh) <= 0.55


def test_every_label_has_its_reason():
    assert [pair for pair in PAIRS if len(pair.why) < 3 or not pair.kind] == []


def test_no_pair_stands_twice():
    keys = Counter(
        (p.scorer, repr(p.reference), p.completion, repr(p.params), p.task, p.prompt) for p in PAIRS
    )
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", IN_PROCESS)
def test_no_wrong_answer_is_called_equal(name):
    wrong = [(p, s) for p, s in judged(name) if s.value == 1.0 and not p.right(s)]
    assert shown(wrong) == []


@pytest.mark.parametrize("name", IN_PROCESS)
def test_nineteen_of_twenty_verdicts_are_right(name):
    outcomes = judged(name)
    wrong = [(p, s) for p, s in outcomes if not p.right(s)]
    assert len(wrong) <= 0.05 * len(outcomes), shown(wrong)


@pytest.mark.parametrize("name", ["rule.math", "rule.ocr"])
def test_the_quick_path_of_an_isolated_rule_calls_hardly_a_wrong_answer_equal(name):
    equal = [(p, s) for p, s in judged(name) if s.value == 1.0]
    wrong = [(p, s) for p, s in equal if not p.right(s)]
    assert len(equal) >= 10
    assert len(wrong) <= 0.005 * len(equal), shown(wrong)


@pytest.mark.parametrize("name", sorted(set(RULES) - UNLABELLED - {"rule.by_task"}))
def test_every_verdict_names_its_kind_of_pair(name):
    verdicts = [score for _, score in judged(name) if score.value is not None]
    assert [score for score in verdicts if "pair" not in score.detail] == []
