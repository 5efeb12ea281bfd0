"""`aspect.ifbench`: the 58 verifiable instructions of IFBench, beside the 25 of IFEval."""

from __future__ import annotations

from functools import partial

from harmo.scorers.aspect.ifeval.check import Checks
from harmo.scorers.aspect.ifeval.ifbench_counts import COUNTS
from harmo.scorers.aspect.ifeval.ifbench_custom import CUSTOM
from harmo.scorers.aspect.ifeval.ifbench_format import FORMATS
from harmo.scorers.aspect.ifeval.ifbench_words import WORDS
from harmo.scorers.aspect.ifeval.ifeval_checks import IFEVAL, LANGUAGE_IDS
from harmo.scorers.aspect.ifeval.scoring import (
    Credit,
    Mode,
    Weights,
    instructed,
    score_instructions,
    score_quickly,
)
from harmo.scorers.aspect.ifeval.tagger import ABSENT, installed, starts_with_verb
from harmo.scorers.types import Sample, Score

IFBENCH = Checks(IFEVAL, COUNTS, WORDS, FORMATS, CUSTOM)
_VERB = "words:start_verb"
if installed():
    IFBENCH.add(_VERB)(starts_with_verb)
else:
    IFBENCH.leave_out(_VERB, ABSENT)


@instructed(
    "aspect.ifbench",
    inline=partial(score_quickly, checks=IFBENCH, slow_ids=LANGUAGE_IDS | {_VERB}),
)
def ifbench(
    sample: Sample,
    *,
    mode: Mode = "strict",
    credit: Credit = "mean",
    weights: Weights | None = None,
) -> Score:
    """The share of IFBench and IFEval instructions followed, in [0, 1] (arXiv 2507.02833).

    Reads and abstains as `aspect.ifeval`, and also on `words:start_verb` without the extra
    `harmo[tagger]`. Verdicts are allenai/IFBench's but where its code crashes, or passes what its
    own words refuse: docs/instructions.md has every such place.
    "Use at least 2 unique words": "so so" is 0.0, "so be it" 1.0.

    Args:
        sample: Its answer part is read, its constraints say what to check.
        mode: `loose` takes the best of eight readings, see `ifeval.scoring.variants`.
        credit: `mean` over the instructions, `all` or nothing, or `weighted`.
        weights: For `weighted`: by instruction id, or by the part before its colon; else 1.

    Returns:
        A score whose detail lists every instruction: its id, if it was followed, and why not.
    """
    return score_instructions(sample, IFBENCH, mode=mode, credit=credit, weights=weights)
