"""`harmo serve` as a process, with the scorers of `plugins` and one that never comes back."""

from __future__ import annotations

import sys
import time

from harmo import Sample, Score, scorer
from harmo.app.cli import main
from tests.app import plugins


@scorer("aspect.hangs_for_good")
def hangs_for_good(sample: Sample) -> Score:
    """Never comes back where the completion says so."""
    while "hang for good" in sample.text:
        time.sleep(1.0)
    return Score(value=1.0)


RECIPES = {
    "slow": plugins.RECIPES["slow"],
    "hung": "name: hung\naspect: [{scorer: aspect.hangs_for_good}]\n",
}

if __name__ == "__main__":
    sys.argv[0] = "harmo"
    main()
