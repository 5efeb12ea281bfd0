"""How long jobs take, by what they are: the newest count most, and none of them for much."""

from __future__ import annotations

from dataclasses import dataclass, field

HALF_LIFE_S = 20.0
"""After so much work a job counts half: by work and not by number, as few are hard and many not."""
DOUBT = 20.0
"""So many of no length go before the first: it may have had to import something."""


@dataclass(slots=True)
class _Kind:
    jobs: float = DOUBT
    spent_s: float = 0.0

    def took(self, seconds: float, jobs: int) -> None:
        kept = 0.5 ** (seconds / HALF_LIFE_S)
        self.jobs = self.jobs * kept + jobs
        self.spent_s = self.spent_s * kept + seconds


@dataclass(slots=True)
class Pace:
    """The time of a worker that a job takes."""

    _all: _Kind = field(default_factory=_Kind)
    _kinds: dict[str, _Kind] = field(default_factory=dict)

    def took(self, kind: str, seconds: float, jobs: int = 1) -> None:
        """Jobs of a kind were done, after so long in all."""
        for each in (self._all, self._kinds.setdefault(kind, _Kind())):
            each.took(seconds, jobs)

    def seconds(self, kind: str) -> float:
        """How long a job of a kind takes, or of any where there was none; 0.0 at first."""
        known = self._kinds.get(kind, self._all)
        return known.spent_s / known.jobs
