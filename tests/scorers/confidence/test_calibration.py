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


DETAILED = [
    row("different", "*", 0.95, 0.9),
    row("different", "*/prose", 0.8, 0.7),
    row("different", "expr-expr", 0.97, 0.91),
    row("different", "expr-expr:evaluation", 0.99, 0.93),
    row("different", "num-num/prose", 0.75, 0.6),
    row("different", "num-num/prose:number", 0.76, 0.6),
    row("equal", "*", 0.99, 0.98),
    row("equal", "*/prose", 0.97, 0.85),
]


@pytest.mark.parametrize(
    ("verdict", "kind", "confidence", "why"),
    [
        ("different", "expr-expr:evaluation", 0.99, "seen"),
        ("different", "expr-expr:divination", 0.91, "the kind's bound, settled as never before"),
        ("different", "expr-expr:symbolic", 0.5, "the verifier alone, of a kind seen otherwise"),
        ("different", "expr-expr:undecided", 0.5, "nothing could tell"),
        ("different", "expr-expr/unread:evaluation", 0.5, "words that nothing read"),
        ("different", "num-num/prose:relation", 0.6, "a kind as doubtful is there"),
        ("different", "relation/prose:relation", 0.7, "all that was picked from prose"),
        ("different", "chain-chain:chain", 0.9, "a new kind: the scorer's bound"),
        ("equal", "chain-chain/prose:chain", 0.85, "all that was picked from prose"),
        ("equal", "expr-expr/unread:symbolic", 0.98, "no 1.0 is doubtful by its kind"),
    ],
)
def test_what_is_new_gets_the_bound_of_the_nearest_coarser_kind(
    own_table, verdict, kind, confidence, why
):
    own_table(DETAILED)
    assert calibration.confidence("rule.x", verdict, kind) == confidence, why


def test_a_table_that_knows_no_settling_is_looked_up_without(own_table):
    own_table([row("different", "*", 0.95, 0.8), row("different", "num-num/prose", 0.75, 0.6)])
    assert calibration.confidence("rule.x", "different", "num-num/prose/unread:number") == 0.75


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


def by(value: float, kind: str, settled_by: str, *, unread: bool = False) -> Score:
    detail = {"pair": kind, "settled_by": settled_by}
    return Score(value=value, detail={**detail, "unread": True} if unread else detail)


def test_a_kind_settled_in_several_ways_has_a_row_for_each_and_a_small_one_no_better():
    outcomes = [(pair(0), by(0.0, "num-num", "number")) for _ in range(40)]
    outcomes += [(pair(1), by(0.0, "num-num", "evaluation")) for _ in range(10)]
    outcomes += [(pair(0), by(0.0, "num-num", "divination")) for _ in range(3)]
    table = fitted(outcomes)
    bound = table["different", "num-num"].lower
    assert table["different", "num-num"].n == 53
    assert table["different", "num-num:number"].confidence > 0.95
    assert table["different", "num-num:evaluation"].confidence < 0.3
    assert table["different", "num-num:divination"].confidence == pytest.approx(bound, abs=1e-3)


def test_a_kind_settled_in_one_way_says_so_twice():
    table = fitted([(pair(0), by(0.0, "num-num", "number")) for _ in range(20)])
    one, other = table["different", "num-num"], table["different", "num-num:number"]
    assert one.confidence == other.confidence > 0.9


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        (by(0.0, "expr-expr", "evaluation", unread=True), "expr-expr/unread:evaluation"),
        (by(0.0, "expr-expr/prose", "evaluation"), "expr-expr/prose:evaluation"),
        (by(0.0, "expr-expr", "symbolic"), "expr-expr:symbolic"),
    ],
)
def test_twenty_right_of_a_doubtful_kind_are_below_the_trust_of_a_recipe(score, kind):
    table = fitted([(pair(0), score) for _ in range(20)])
    assert table["different", kind].confidence == pytest.approx(24 / 28, abs=1e-4)


def test_rare_kinds_of_a_rule_that_says_what_settled_are_no_surer_than_all_of_them():
    outcomes = [(pair(0), by(0.0, "num-num", "number")) for _ in range(200)]
    outcomes += [(pair(n % 2), by(0.0, f"rare{n}", "number")) for n in range(10)]
    table = fitted(outcomes)
    assert table["different", "*"].lower > 0.9
    assert table["different", "rare0"].confidence < 0.6


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
