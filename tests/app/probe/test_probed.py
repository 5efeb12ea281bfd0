"""Planted scorers that are wrong in one way each: the probe finds each, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from rich.console import Console

from harmo import Sample, Score, scorer
from harmo.app.probe.as_json import as_json
from harmo.app.probe.attacks import Kind
from harmo.app.probe.forms import COURTESY
from harmo.app.probe.judged import Finding
from harmo.app.probe.report import Probed, cut, print_report
from harmo.app.probe.tally import Tally
from harmo.app.service import Service
from harmo.scorers.types import Reason
from tests.app.fakes import FakeRewardModel
from tests.app.probe.probing import probed, row, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@scorer("rule.planted_pays_all")
def pays_all(sample: Sample) -> Score:
    """1.0 for everything."""
    return Score(value=1.0)


@scorer("rule.planted_refuses_all")
def refuses_all(sample: Sample) -> Score:
    """0.0 for everything."""
    return Score(value=0.0)


@scorer("rule.planted_good")
def good(sample: Sample) -> Score:
    """1.0 for the reference in any form that `harmo probe` tries."""
    text = (
        sample.text.strip().removeprefix("The answer is ").removeprefix("Therefore the answer is ")
    )
    text = (
        text.removesuffix(COURTESY)
        .strip()
        .removesuffix(".")
        .removeprefix("\\boxed{")
        .removesuffix("}")
    )
    return Score(value=float(text == sample.reference))


@scorer("rule.planted_abstains")
def abstains(sample: Sample) -> Score:
    """As `planted_good`, but an equation makes it abstain."""
    return Score.abstain(Reason.SCORER_ERROR) if "=" in sample.text else good(sample)


@scorer("rule.planted_reads_nothing")
def reads_nothing(sample: Sample) -> Score:
    """Abstains on every reference."""
    return Score.abstain(Reason.UNREADABLE_REFERENCE)


@scorer("rule.planted_pays_hedges")
def pays_hedges(sample: Sample) -> Score:
    """1.0 where the reference is in the text."""
    return Score(value=float(str(sample.reference) in sample.text))


@scorer("aspect.planted_likes_equations")
def likes_equations(sample: Sample) -> Score:
    """1.0 for an equation."""
    return Score(value=float("=" in sample.text))


TERMS = {
    name: f"rule: [{{scorer: rule.planted_{name}}}]"
    for name in ("pays_all", "refuses_all", "good", "abstains", "reads_nothing", "pays_hedges")
} | {
    "inverted": "allow_inversion: true\nweights: {rule: 1.0, aspect: 3.0}\n"
    "rule: [{scorer: rule.planted_good}]\naspect: [{scorer: aspect.planted_likes_equations}]",
    "graded": "rule: [{scorer: rule.token_f1}]",
    "ranks": "model: [{scorer: model.reward}]",
    "aspects": "aspect: [{scorer: aspect.planted_likes_equations}]",
}
ROWS = [row("amber", number=3), row("violet", number=4), row("crimson", number=5)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    from harmo.app.hosting import Hosting

    folder = tmp_path_factory.mktemp("planted")
    for name, terms in TERMS.items():
        (folder / f"{name}.yaml").write_text(f"name: {name}\n{terms}\n")
    hosting = Hosting(models={"fake": FakeRewardModel("fake")})
    async with serving(sorted(folder.glob("*.yaml")), hosting) as ready:
        yield ready


def found(tally: Tally) -> dict[Finding, int]:
    return {finding: n for finding in Finding if (n := len(list(tally.found(finding))))}


async def test_a_good_rule_is_clean(service: Service) -> None:
    tally = await probed(service, "good", ROWS)
    assert found(tally) == {}
    assert tally.shares() == {"paid": 0.0, "refused": 0.0, "unscored": 0.0}
    assert tally.tried > 100
    assert {Kind.ITSELF, Kind.UNIVERSAL, Kind.OTHERS, Kind.HEDGE} <= tally.kinds.keys()


async def test_a_rule_that_pays_everything(service: Service) -> None:
    tally = await probed(service, "pays_all", ROWS)
    wrong = tally.tried - tally.kinds[Kind.ITSELF].tried
    unanswered = tally.kinds[Kind.UNFINISHED].tried + tally.kinds[Kind.HUGE].by_finding.total()
    assert found(tally)[Finding.PAID] >= wrong - unanswered - tally.kinds[Kind.HUGE].tried
    assert found(tally).keys() == {Finding.PAID}


async def test_a_rule_that_refuses_everything(service: Service) -> None:
    tally = await probed(service, "refuses_all", ROWS)
    assert found(tally) == {Finding.REFUSED: tally.kinds[Kind.ITSELF].tried}
    assert tally.shares()["refused"] == 1.0


async def test_an_abstention_that_an_answer_buys(service: Service) -> None:
    tally = await probed(service, "abstains", ROWS)
    assert found(tally).keys() == {Finding.UNSCORED}
    texts = [each.verdict.attempt.text for each in tally.found(Finding.UNSCORED)]
    assert all("=" in text for text in texts)
    assert tally.unreadable() == []


async def test_a_reference_that_is_not_read_is_told_once_a_row(service: Service) -> None:
    tally = await probed(service, "reads_nothing", ROWS)
    assert found(tally).keys() == {Finding.UNREADABLE}
    assert [judged.row.number for judged in tally.unreadable()] == [3, 4, 5]


async def test_a_rule_that_pays_hedges(service: Service) -> None:
    tally = await probed(service, "pays_hedges", ROWS)
    kinds = {each.verdict.attempt.kind for each in tally.found(Finding.PAID)}
    assert kinds == {Kind.HEDGE, Kind.DECORATED}
    assert found(tally).keys() == {Finding.PAID}
    (way, *_) = tally.ways(Finding.PAID)
    assert len(way.found) == way.tried == len(ROWS)


async def test_a_wrong_answer_that_is_rewarded_above_the_right_one(service: Service) -> None:
    tally = await probed(service, "inverted", ROWS)
    assert found(tally).keys() == {Finding.OUTRANKS}
    for each in tally.found(Finding.OUTRANKS):
        assert "=" in each.verdict.attempt.text
        assert each.verdict.correct is False
        assert each.judged.best is not None
        assert each.verdict.reward > each.judged.best


async def test_part_pay_of_a_graded_rule_is_no_finding(service: Service) -> None:
    tally = await probed(service, "graded", [row("the amber lamp")])
    decorated = tally.kinds[Kind.DECORATED]
    assert decorated.partly > 0
    hows = {each.verdict.attempt.how for each in tally.found(Finding.PAID)}
    assert "not in the box" not in hows


async def test_a_recipe_that_only_ranks_is_told_by_its_rewards(service: Service) -> None:
    tally = await probed(service, "ranks", ROWS)
    assert not tally.judged_at_all()
    assert found(tally).keys() == {Finding.OUTRANKS}


async def test_a_recipe_without_any_judge_is_refused(service: Service) -> None:
    with pytest.raises(ValueError, match="nothing in it says what is right"):
        await probed(service, "aspects", ROWS)


async def test_what_is_printed_names_rows_texts_and_rewards(service: Service) -> None:
    tally = await probed(service, "pays_hedges", ROWS)
    shown = printed(tally)
    assert "data.jsonl: 3 of 9 rows (seed 0)" in shown
    assert "hedges, or in the box: 3 of 3" in shown
    assert "rows       3, 4, 5" in shown
    assert "reference  amber" in shown
    assert "tried      \\boxed{amber \\text{ or }" in shown
    assert "paid by rule.planted_pays_hedges 1" in shown
    assert "per verdict" in shown


async def test_unread_references_are_printed_with_their_rows(service: Service) -> None:
    shown = printed(await probed(service, "reads_nothing", ROWS))
    assert "cannot be read: 3 rows (3 unreadable_reference)" in shown
    assert "row 4  unreadable_reference  violet" in shown


async def test_the_json_has_every_finding(service: Service) -> None:
    tally = await probed(service, "pays_hedges", ROWS)
    document = json.loads(json.dumps(as_json(of(tally))))
    assert len(document["findings"]) == len(list(tally.found(*Finding)))
    assert document["kinds"]["hedges"]["paid"] == tally.kinds[Kind.HEDGE].of(Finding.PAID)
    assert document["shares"]["paid"] > 0
    assert document["findings"][0]["row"] == 3


def of(tally: Tally) -> Probed:
    return Probed(dataset="data.jsonl", recipe="r", rows_in_all=9, seed=0, seconds=1.0, tally=tally)


def printed(tally: Tally) -> str:
    console = Console(width=80, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as captured:
        print_report(of(tally), console, show=20)
    return captured.get()


async def test_nothing_yet_is_printed_too() -> None:
    assert "0 of 9 rows" in printed(Tally())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n b", "a b"),
        ("\x1b[31mred", "?[31mred"),
        ("", "(empty)"),
        ("x" * 100, "x" * 43 + " … " + "x" * 18),
    ],
)
async def test_texts_are_cut_and_tamed(text: str, shown: str) -> None:
    assert cut(text) == shown
