"""`harmo serve` as a process, with the scorers of `plugins` and one that never comes back."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from harmo import Sample, Score, scorer
from harmo.app.cli import main
from tests.app import plugins


@scorer("aspect.hangs_for_good")
def hangs_for_good(sample: Sample) -> Score:
    """Never comes back where the completion says so."""
    while "hang for good" in sample.text:
        time.sleep(1.0)
    return Score(value=1.0)


@scorer("aspect.breaks")
def breaks(sample: Sample) -> Score:
    """1.0 until a file named `broken` lies in the folder where the service runs."""
    if Path("broken").exists():
        raise RuntimeError(f"nothing to make of {sample.text!r}")
    return Score(value=1.0)


RECIPES = {
    "breaks": "name: breaks\naspect: [{scorer: aspect.breaks}]\n",
    "slow": plugins.RECIPES["slow"],
    "hung": "name: hung\naspect: [{scorer: aspect.hangs_for_good}]\n",
}

if __name__ == "__main__":
    sys.argv[0] = "harmo"
    main()
