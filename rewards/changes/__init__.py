"""What another reward changes for a trainer: pure comparison of rewards before and after.

GRPO compares siblings and nothing else, so what counts is who is best, whose advantage changes its
sign, and in which order siblings stand. It says nothing of what a policy would have become.
"""

from harmo.rewards.changes.columns import ColumnChanges
from harmo.rewards.changes.compared import Compared
from harmo.rewards.changes.pairs import ColumnPair, Pairs
from harmo.rewards.changes.tally import Tally
from harmo.rewards.changes.totals import Changes

__all__ = ["Changes", "ColumnChanges", "ColumnPair", "Compared", "Pairs", "Tally"]
