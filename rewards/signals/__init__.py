"""Audit signals: what a policy was paid for over the last groups of a run.

Statistics of what was scored, nothing more: they say after the fact what the reward has become,
and give no early warning at a usable rate of false alarms.
"""

from harmo.rewards.signals.audit import Audit, audit
from harmo.rewards.signals.record import GroupRecord, Layout, recorded
from harmo.rewards.signals.window import Bounds, Window

__all__ = ["Audit", "Bounds", "GroupRecord", "Layout", "Window", "audit", "recorded"]
