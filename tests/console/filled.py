"""One store that the tests in a browser look at together, so that one console is started for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.scorers.types import Reason, Reward
from tests.audit.made import RUNS, made_groups, made_store
from tests.console.evil import evil_groups

EVIL = "<img src=x onerror=alert(1)>\u202e{{7*7}}=cmd()"
"""A run's name that tries to be more, and how pages have to write it."""
EVIL_SHOWN = EVIL.replace("\u202e", "⟦202E⟧")
LONG = "long"
"""A run of more groups than a what-if goes over at once."""
STEPLESS, GAPPED = "stepless", "t"
"""A run without steps; one without a reward at step 2, called as the key that turns the theme."""
GAP = 2
"""That step."""
_MADE, _OF_EVIL, _OF_LONG, _OF_STEPLESS, _OF_GAPPED = 1000, 120, 1100, 8, 48
FIRST_EVIL = _MADE + _OF_EVIL + _OF_LONG + _OF_STEPLESS + _OF_GAPPED + 1
"""Number of the first of `evil_groups`."""
NAMES = (
    *RUNS,
    EVIL,
    LONG,
    STEPLESS,
    GAPPED,
    *dict.fromkeys(group.group.run for group in evil_groups()),
)
"""Of all runs."""


def filled_store(folder: Path) -> Path:
    """Write it: 1000 groups of two runs, one run with a hostile name, a long one, hostile ones."""
    made_store(folder, groups=_MADE, pictures=True, hostile=True)
    writer = Writer(folder)
    writer.write(made_groups(groups=_OF_EVIL, runs=(EVIL,), seed=1))
    writer.write(made_groups(groups=_OF_LONG, siblings=2, runs=(LONG,), seed=2))
    writer.write(map(_stepless, made_groups(groups=_OF_STEPLESS, runs=(STEPLESS,), seed=3)))
    writer.write(map(_gapped, made_groups(groups=_OF_GAPPED, runs=(GAPPED,), seed=4)))
    writer.write(evil_groups())
    writer.close()
    return folder


def _stepless(kept: KeptGroup) -> KeptGroup:
    return replace(kept, group=replace(kept.group, step=None))


def _gapped(kept: KeptGroup) -> KeptGroup:
    if kept.group.step != GAP:
        return kept
    missing = Reward(value=None, reason=Reason.DEADLINE, scores=(), contributions=())
    rewards = [
        replace(missing, scores=each.scores, contributions=(0.0,) * len(each.contributions))
        for each in kept.rewards
    ]
    return replace(kept, rewards=tuple(rewards))
