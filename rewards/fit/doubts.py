"""What a fit cannot say, said: every reason not to take its weights for more than they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harmo.rewards.fit.agreement import Agreement
from harmo.rewards.fit.alike import alike
from harmo.rewards.fit.pairs import Pairs
from harmo.rewards.fit.redraws import FEWEST_GROUPS
from harmo.rewards.fit.scale import Scaled
from harmo.rewards.fit.weights import Fit

GROUPS_A_COLUMN = 10
_KNOWN = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One reason to doubt the weights."""

    code: str
    """What kind, in one word."""
    message: str
    """For people: what it is, of which columns, and what follows."""


def doubts(
    pairs: Pairs, fit: Fit, scaled: Scaled, agreements: Sequence[Agreement]
) -> Iterator[Doubt]:
    """Every reason to doubt the weights, the gravest first."""
    pays = any(fit.weights > 0)
    if not pays:
        yield Doubt(
            code="nothing",
            message="no column is liked: every one of them scores what is preferred lower, or as "
            "high; there is no recipe of these columns for these pairs",
        )
    yield from _too_few(pairs)
    yield from _unbounded(fit)
    yield from _alike(pairs)
    yield from _compared(agreements) if pays else ()
    yield from _columns(pairs, fit, scaled)


def _too_few(pairs: Pairs) -> Iterator[Doubt]:
    columns, groups = int((pairs.differing > 0).sum()), pairs.count
    if groups < FEWEST_GROUPS:
        yield Doubt(
            code="few_groups",
            message=f"{_groups(groups)}: too few for intervals, which need {FEWEST_GROUPS}; take "
            "the weights for a guess",
        )
    elif groups < GROUPS_A_COLUMN * columns:
        yield Doubt(
            code="few_groups",
            message=f"{_groups(groups)} for {columns} columns: too few; {GROUPS_A_COLUMN} a column "
            "are a start",
        )


def _groups(count: int) -> str:
    return "the pairs are of one group" if count == 1 else f"the pairs are of {count} groups"


def _unbounded(fit: Fit) -> Iterator[Doubt]:
    names = [name for name, free in zip(fit.columns, fit.unbounded, strict=True) if free]
    if names:
        yield Doubt(
            code="unbounded",
            message=f"{', '.join(names)}: no pair speaks against a larger weight, so larger ones "
            "fit better without end. What is given is where a ridge stops them (a usual "
            "difference is worth log-odds of about 5): that they outweigh the others is known, by "
            "how much is not",
        )


def _alike(pairs: Pairs) -> Iterator[Doubt]:
    for each in alike(pairs):
        names = " and ".join((", ".join(each.columns[:-1]), each.columns[-1]))
        if each.exactly:
            message = (
                f"{names} differ together, or against each other, in every pair: no number of "
                "such pairs can tell them apart. A ridge chose; other weights fit as well"
            )
        else:
            message = (
                f"{names} are hardly told apart: one nearly follows from the others, which makes "
                f"their intervals about {each.wider:.0f} times as wide. What they are worth "
                "together is surer"
            )
        yield Doubt(code="alike", message=message)


def _compared(agreements: Sequence[Agreement]) -> Iterator[Doubt]:
    for each in agreements[1:]:
        found = _against_present(each) if each.name == "present" else None
        if found is not None:
            yield found
    alone = [each for each in agreements if each.name.endswith(" alone")]
    best = max(alone, key=lambda each: each.share, default=None)
    if best is not None and len(alone) > 1 and not _leads(best):
        yield Doubt(
            code="one_is_enough",
            message=f"{best.name} agrees with {best.share:.1%} of the pairs: all of them together "
            "are not shown to agree with more",
        )


def _against_present(present: Agreement) -> Doubt | None:
    lead, within = present.lead or 0.0, present.lead_interval
    if within is None:
        return Doubt(
            code="no_better",
            message="too few groups to tell whether these weights are better than the present ones",
        )
    if within[1] < 0:
        return Doubt(
            code="worse",
            message=f"the present recipe agrees better, by {-lead:.1%} of the pairs: keep it",
        )
    if within[0] <= 0:
        return Doubt(
            code="no_better",
            message="these weights are not shown to be better than the present ones: the lead of "
            f"{lead:+.1%} may be chance ({within[0]:+.1%} to {within[1]:+.1%})",
        )
    return None


def _leads(than: Agreement) -> bool:
    return than.lead_interval is not None and than.lead_interval[0] > 0


def _columns(pairs: Pairs, fit: Fit, scaled: Scaled) -> Iterator[Doubt]:
    for k, name in enumerate(pairs.columns):
        weight, zero = fit.weights[k], scaled.at_zero[k]
        if math.isnan(weight):
            yield Doubt(
                code="no_say",
                message=f"{name}: no pair differs in it, so nothing is known of it; it keeps the "
                f"weight that it has now, {scaled.weights[k]:.3g}",
            )
            continue
        if weight == 0:
            often = "" if zero is None else f", in {zero:.0%} of redraws, too"
            yield Doubt(
                code="at_zero",
                message=f"{name}: at the bound 0{often}. Beside the others it adds nothing, or "
                "what is preferred scores lower in it",
            )
        share = float(pairs.known[:, k].mean())
        if share < _KNOWN:
            yield Doubt(
                code="missing",
                message=f"{name}: both completions have a score in only {share:.0%} of the pairs; "
                "the others have no say on it",
            )
