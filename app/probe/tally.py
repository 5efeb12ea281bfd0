"""Counts over all rows of a probe, and the findings to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harmo.app.probe.attacks import Kind
from harmo.app.probe.judged import Finding, JudgedRow, Verdict

WRONGLY_PAID = (Finding.PAID, Finding.OUTRANKS)


@dataclass(slots=True, kw_only=True)
class Count:
    """Of one kind of attempt."""

    tried: int = 0
    partly: int = 0
    """Wrong ones that a graded rule pays for in part."""
    by_finding: Counter[Finding] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        self.tried += 1
        self.partly += verdict.partly
        if verdict.finding is not None:
            self.by_finding[verdict.finding] += 1

    def of(self, *findings: Finding) -> int:
        """How many of these."""
        return sum(self.by_finding[finding] for finding in findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding: a row and what it made of one text."""

    judged: JudgedRow
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Findings of one sort that one and the same trick led to."""

    kind: Kind
    how: str
    found: Sequence[Found]
    """At least one."""
    tried: int
    """How often it was tried in all."""


@dataclass(slots=True)
class Tally:
    """Everything that is known so far."""

    rows: list[JudgedRow] = field(default_factory=list)
    kinds: dict[Kind, Count] = field(default_factory=dict)
    tries: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    """By kind, and by what was done."""

    def add(self, judged: JudgedRow) -> None:
        """Count one row."""
        self.rows.append(judged)
        for verdict in judged.verdicts:
            attempt = verdict.attempt
            self.kinds.setdefault(attempt.kind, Count()).add(verdict)
            self.tries[attempt.kind, attempt.how] += 1

    @property
    def tried(self) -> int:
        """Answers in all."""
        return sum(count.tried for count in self.kinds.values())

    def found(self, *findings: Finding) -> Iterator[Found]:
        """Findings of some sort, row by row."""
        for judged in self.rows:
            for verdict in judged.verdicts:
                if verdict.finding in findings:
                    yield Found(judged=judged, verdict=verdict)

    def ways(self, *findings: Finding) -> list[Way]:
        """The same by what was done: the most frequent of each kind, then the next of each."""
        found: dict[tuple[Kind, str], list[Found]] = {}
        for each in self.found(*findings):
            attempt = each.verdict.attempt
            found.setdefault((attempt.kind, attempt.how), []).append(each)
        ways = [Way(kind=k, how=h, found=f, tried=self.tries[k, h]) for (k, h), f in found.items()]
        ways.sort(key=lambda way: -len(way.found))
        seen: Counter[Kind] = Counter()
        ranked = []
        for way in ways:
            ranked.append((seen[way.kind], way))
            seen[way.kind] += 1
        return [way for _, way in sorted(ranked, key=lambda pair: pair[0])]

    def shares(self) -> Mapping[str, float]:
        """Which share of wrong answers is paid, of right ones refused, of all unscored."""
        right = [self.kinds[Kind.ITSELF]] if Kind.ITSELF in self.kinds else []
        wrong = [count for kind, count in self.kinds.items() if kind is not Kind.ITSELF]
        every = list(self.kinds.values())
        return {
            "paid": _share(wrong, *WRONGLY_PAID),
            "refused": _share(right, Finding.REFUSED),
            "unscored": _share(every, Finding.UNREADABLE, Finding.UNSCORED),
        }

    def seconds_per_verdict(self) -> list[float]:
        """Each row's mean, the quickest first."""
        return sorted(r.seconds / len(r.verdicts) for r in self.rows if r.verdicts)

    def unreadable(self) -> list[JudgedRow]:
        """Rows whose right answers get no verdict."""
        return [r for r in self.rows if any(v.finding is Finding.UNREADABLE for v in r.verdicts)]

    def rewarded_at_all(self) -> bool:
        """False if nothing had a reward: no row could be read."""
        verdicts = (v for judged in self.rows for v in judged.verdicts)
        return any(v.reward is not None for v in verdicts)

    def judged_at_all(self) -> bool:
        """False if nothing was ever called right or wrong: the recipe only ranks."""
        verdicts = (v for judged in self.rows for v in judged.verdicts)
        return any(v.correct is not None for v in verdicts)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of ordered values does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _share(counts: Sequence[Count], *findings: Finding) -> float:
    tried = sum(count.tried for count in counts)
    return sum(count.of(*findings) for count in counts) / tried if tried else 0.0
