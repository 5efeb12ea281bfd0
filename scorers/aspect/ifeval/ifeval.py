"""`aspect.ifeval`: the 25 verifiable instructions of IFEval."""

from __future__ import annotations

from functools import partial

from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL, LANGUAGE_IDS
from harmo.scorers.aspect.ifeval.scoring import (
    Credit,
    Mode,
    Weights,
    instructed,
    score_instructions,
    score_quickly,
)
from harmo.scorers.types import Sample, Score


@instructed("aspect.ifeval", inline=partial(score_quickly, checks=IFEVAL, slow_ids=LANGUAGE_IDS))
def ifeval(
    sample: Sample,
    *,
    mode: Mode = "strict",
    credit: Credit = "mean",
    weights: Weights | None = None,
) -> Score:
    """The share of IFEval instructions followed, in [0, 1] (Zhou et al., arXiv 2311.07911).

    Instructions come in the constraints, in any carrier that `ifeval.instruction` lists. Without
    any it abstains (`no_constraints`); where an id is unknown, an argument missing or malformed, or
    two instructions contradict each other, it abstains and says which (`unreadable_constraints`).
    An empty answer follows nothing: 0.0. The thinking is not read.

    "No commas, and at least 3 sentences": for "One. Two, three." it is 0.0, for "One. Two." it is
    0.5, for "One. Two. Three." 1.0. Verdicts are Google's but for the faults that
    `ifeval.ifeval_checks` names: what a regular expression was there is literal here.

    Args:
        sample: Its answer part is read, its constraints say what to check.
        mode: `loose` takes the best of eight readings, see `ifeval.scoring.variants`.
        credit: `mean` over the instructions, `all` or nothing, or `weighted`.
        weights: For `weighted`: by instruction id, or by the part before its colon; else 1.

    Returns:
        A score whose detail lists every instruction: its id, if it was followed, and why not.
    """
    return score_instructions(sample, IFEVAL, mode=mode, credit=credit, weights=weights)
