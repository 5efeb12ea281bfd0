"""Confidences: what the shipped table says, how a table is fitted, what a labelled file must be."""

import json
from dataclasses import replace

import pytest

from harmo.scorers.confidence import calibration
from harmo.scorers.confidence.calibrate import (
    LabelledPair,
    LabelledPairsError,
    calibrate,
    merged,
    parse_pairs,
    to_json,
    wilson_lower,
)
from harmo.scorers.confidence.calibration import CalibrationRow
from harmo.scorers.types import Reason, Score


def pair(label: float | str, *, scorer: str = "rule.x", split: str = "calibration") -> LabelledPair:
    return LabelledPair(scorer=scorer, reference="1", completion="1", label=label, split=split)


def fitted(outcomes: list[tuple[LabelledPair, Score]]) -> dict[tuple[str, str], CalibrationRow]:
    scores = {id(labelled): score for labelled, score in outcomes}
    rows = calibrate([labelled for labelled, _ in outcomes], lambda each: scores[id(each)])
    return {(row.verdict, row.pair): row for row in rows}


def said(value: float, kind: str = "num-num") -> Score:
    return Score(value=value, detail={"pair": kind})


@pytest.fixture
def own_table(tmp_path, monkeypatch):
    """Install a table through the environment, as a user's own one is."""

    def install(rows: list[CalibrationRow]) -> None:
        path = tmp_path / "table.json"
        path.write_text(to_json(rows))
        monkeypatch.setenv(calibration.PATH_VARIABLE, str(path))
        calibration.version.cache_clear()
        calibration._table.cache_clear()

    yield install
    monkeypatch.undo()
    calibration.version.cache_clear()
    calibration._table.cache_clear()


def row(verdict: str, kind: str, confidence: float, lower: float) -> CalibrationRow:
    return CalibrationRow(
        scorer="rule.x",
        verdict=verdict,
        pair=kind,
        n=10,
        right=9,
        confidence=confidence,
        lower=lower,
    )


def test_a_known_kind_gets_its_row_and_an_unseen_one_the_scorers_lower_bound(own_table):
    own_table([row("equal", "*", 0.95, 0.8), row("equal", "num-num", 0.99, 0.9)])
    assert calibration.confidence("rule.x", "equal", "num-num") == 0.99
    assert calibration.confidence("rule.x", "equal", "never-seen") == 0.8


def test_an_unknown_scorer_or_verdict_is_worth_a_coin_toss(own_table):
    own_table([row("equal", "*", 0.95, 0.8)])
    assert calibration.confidence("rule.x", "different", "num-num") == 0.5
    assert calibration.confidence("rule.plugin", "equal", "num-num") == 0.5


def test_version_changes_with_the_table(own_table):
    own_table([row("equal", "*", 0.95, 0.8)])
    before = calibration.version()
    own_table([row("equal", "*", 0.96, 0.8)])
    assert before.startswith("sha256:")
    assert calibration.version() != before


def test_the_shipped_table_is_consistent():
    rows = calibration.rows()
    assert {"rule.math", "rule.choice", "rule.numeric"} <= {each.scorer for each in rows}
    for each in rows:
        assert 0 <= each.right <= each.n, each
        assert 0 <= each.lower <= 1, each
        assert 0 <= each.confidence <= 1, each
        assert each.lower == pytest.approx(wilson_lower(each.right, each.n), abs=1e-4), each


def test_ten_of_ten_is_not_certainty():
    table = fitted([(pair(1), said(1.0)) for _ in range(10)])
    assert table["equal", "*"].confidence == pytest.approx(10.5 / 11, abs=1e-4)
    assert table["equal", "*"].n == table["equal", "*"].right == 10


def test_a_rare_kind_starts_from_its_scorers_lower_bound():
    outcomes = [(pair(1), said(1.0)) for _ in range(99)]
    outcomes.append((pair(0), said(1.0, "rare")))
    table = fitted(outcomes)
    bound = wilson_lower(99, 100)
    assert table["equal", "rare"].confidence == pytest.approx(4 * bound / 5, abs=1e-4)
    assert table["equal", "rare"].right == 0


@pytest.mark.parametrize(
    ("label", "score", "right", "why"),
    [
        (1, said(1.0), True, "called equal, and is"),
        (0, said(1.0), False, "called equal, and is not"),
        (0, said(0.0), True, "called different, and is"),
        (1, said(0.0), False, "called different, and is not"),
        (0.75, said(0.752), True, "a graded score near its label"),
        (0.75, said(0.7), False, "a graded score off its label"),
        ("abstain", said(0.0), False, "a verdict where nothing can be compared"),
        ("abstain", Score.abstain(Reason.NO_REFERENCE), True, "an abstention that was called for"),
        (1, Score.abstain(Reason.DEADLINE), False, "an abstention on a readable pair"),
    ],
)
def test_right_means_what_the_label_says(label, score, right, why):
    assert pair(label).right(score) is right, why


def test_abstentions_enter_no_row():
    assert fitted([(pair("abstain"), Score.abstain(Reason.NO_REFERENCE))]) == {}


def test_only_the_calibration_split_is_fitted():
    table = fitted([(pair(1), said(1.0)), (pair(0, split="test"), said(1.0))])
    assert (table["equal", "*"].right, table["equal", "*"].n) == (1, 1)


def test_a_dispatched_verdict_counts_for_the_scorer_that_gave_it():
    score = Score(value=1.0, detail={"pair": "num-num", "scorer": "rule.count"})
    labelled = pair(1, scorer="rule.by_task")
    assert {each.scorer for each in calibrate([labelled], lambda _: score)} == {"rule.count"}


def test_a_fit_replaces_the_rows_of_its_scorers_only():
    own = row("equal", "*", 0.9, 0.7)
    outdated = row("equal", "num-num", 0.99, 0.9)
    other = replace(outdated, scorer="rule.y")
    assert merged([own], [outdated, other]) == [own, other]


def test_a_table_survives_its_file():
    rows = [row("equal", "*", 0.9, 0.7), row("different", "num-num", 0.8, 0.6)]
    assert [CalibrationRow(**each) for each in json.loads(to_json(rows))["rows"]] == rows


@pytest.mark.parametrize(
    ("right", "n", "bound"), [(233, 234, 0.976), (0, 10, 0.0), (10, 10, 0.722), (5, 10, 0.237)]
)
def test_wilson_bound_matches_published_values(right, n, bound):
    assert wilson_lower(right, n) == pytest.approx(bound, abs=1e-3)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{not json", "f:1"),
        ('{"scorer": "rule.x", "completion": "1", "label": 1}', "reference"),
        ('{"scorer": "rule.x", "reference": "1", "completion": "1", "label": 2}', "label"),
        (
            '{"scorer": "rule.x", "reference": "1", "completion": "1", "label": 1, "lable": 0}',
            "lable",
        ),
    ],
)
def test_a_bad_labelled_line_names_itself(line, fault):
    with pytest.raises(LabelledPairsError, match=fault):
        parse_pairs(line, source="f")


def test_blank_lines_are_skipped():
    line = '{"scorer": "rule.x", "reference": "1", "completion": "1", "label": 1}'
    assert len(parse_pairs(f"\n{line}\n\n{line}\n", source="f")) == 2
