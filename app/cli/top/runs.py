"""What a policy is paid for, by recipe, run and split: the figures of a view. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from harmo.app.cli.top.comfort import REWARD, ZONES
from harmo.app.cli.top.view import Key, View

RUN = ("recipe", "run", "split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One term of a run's recipe. None where nothing was counted."""

    name: str
    mean: float | None
    share: float | None
    """Of the reward's variance within groups."""
    abstained: float | None
    reason: str
    """The one named most; empty where it abstained nowhere."""
    signals: tuple[str, ...]
    """Those out of their comfort zone, as words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run sent, and what it was paid. None where nothing was counted."""

    recipe: str
    run: str
    split: str
    active: bool
    """False where nothing came in the window: then shares and means are those since the start."""
    groups_per_s: float
    completions_per_s: float
    unscored: float | None
    reason: str
    """Why most of the unscored ones are."""
    mean: float | None
    zero_variance: float | None
    signals: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def key(self) -> Key:
        """What names it."""
        return self.recipe, self.run, self.split


def runs(window: View, always: View) -> tuple[Run, ...]:
    """Every run, those with the most groups first.

    Args:
        window: What happened lately.
        always: What happened since the service began; for runs that sent nothing lately.
    """
    lately, ever, signals = _Counted(window), _Counted(always), _signals(window)
    found = []
    for key in ever.completions:
        active = lately.completions.get(key, 0.0) > 0.0
        found.append(_run(key, lately, lately if active else ever, signals, active=active))
    return tuple(sorted(found, key=lambda run: (-run.groups_per_s, not run.active, run.key)))


def means(view: View) -> dict[Key, float]:
    """The mean reward of each run, where any completion was scored."""
    return _means(view, "harmo_reward", *RUN)


class _Counted:
    """The sums of a view by run, and by run and column."""

    def __init__(self, view: View) -> None:
        outcomes = view.rates("harmo_completions_total", *RUN, "outcome")
        self.completions: dict[Key, float] = defaultdict(float)
        for (*key, _), rate in outcomes.items():
            self.completions[tuple(key)] += rate
        self.unscored = {key[:3]: rate for key, rate in outcomes.items() if key[3] == "unscored"}
        self.reasons = _most(view.rates("harmo_unscored_total", *RUN, "reason"))
        self.groups = view.rates("harmo_groups_total", *RUN)
        self.flat = view.rates("harmo_zero_variance_groups_total", *RUN)
        self.means = means(view)
        self.scores = view.rates("harmo_score_count", *RUN, "column")
        self.score_means = _means(view, "harmo_score", *RUN, "column")
        self.abstained = view.rates("harmo_abstentions_total", *RUN, "column")
        self.abstentions = _most(view.rates("harmo_abstentions_total", *RUN, "column", "reason"))


def _run(
    key: Key, lately: _Counted, counted: _Counted, signals: Mapping[Key, _Signals], *, active: bool
) -> Run:
    recipe, run, split = key
    audited = signals.get((recipe, run), _Signals()) if split == "train" else _Signals()
    # Every column of a run that was ever seen has its series, even where none was scored lately.
    names = dict.fromkeys(k[3] for k in (*counted.scores, *counted.abstained) if k[:3] == key)
    return Run(
        recipe=recipe,
        run=run,
        split=split,
        active=active,
        groups_per_s=lately.groups.get(key, 0.0),
        completions_per_s=lately.completions.get(key, 0.0),
        unscored=_share(counted.unscored.get(key, 0.0), counted.completions.get(key, 0.0)),
        reason=counted.reasons.get(key, ""),
        mean=counted.means.get(key),
        zero_variance=_share(counted.flat.get(key, 0.0), counted.groups.get(key, 0.0)),
        signals=(*audited.words.get("", ()), *audited.words.get(REWARD, ())),
        columns=tuple(_column((*key, name), counted, audited) for name in names),
    )


def _column(key: Key, counted: _Counted, audited: _Signals) -> Column:
    abstained = counted.abstained.get(key, 0.0)
    return Column(
        name=key[3],
        mean=counted.score_means.get(key),
        share=audited.shares.get(key[3]),
        abstained=_share(abstained, abstained + counted.scores.get(key, 0.0)),
        reason=counted.abstentions.get(key, ""),
        signals=tuple(audited.words.get(key[3], ())),
    )


@dataclass(frozen=True, slots=True)
class _Signals:
    """The audit signals of one recipe and run, by column; the run's own under an empty name."""

    words: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    shares: dict[str, float] = field(default_factory=dict)


def _signals(view: View) -> dict[Key, _Signals]:
    found: dict[Key, _Signals] = defaultdict(_Signals)
    for (recipe, run, column), share in _averaged(view, "harmo_signal_reward_share").items():
        found[recipe, run].shares[column] = share
    for name, zone in ZONES.items():
        for (recipe, run, column), value in _averaged(view, name).items():
            if zone.column in (None, column) and zone.left(value):
                found[recipe, run].words[column].append(zone.says(value))
    return found


def _averaged(view: View, name: str) -> dict[Key, float]:
    """A signal by recipe, run and column; of several services their mean."""
    by = ("recipe", "run", "column")
    counts = view.counts(name, *by)
    return {key: value / counts[key] for key, value in view.levels(name, *by).items()}


def _means(view: View, name: str, *by: str) -> dict[Key, float]:
    """From the two counters that only grow: the sum of what may be negative can fall."""
    above = view.rates(f"{name}_above_zero_total", *by)
    below = view.rates(f"{name}_below_zero_total", *by)
    return {
        key: (above.get(key, 0.0) - below.get(key, 0.0)) / count
        for key, count in view.rates(f"{name}_count", *by).items()
        if count > 0.0
    }


def _most(counts: Mapping[Key, float]) -> dict[Key, str]:
    """By all labels but the last, the value of the last that counts most."""
    most: dict[Key, tuple[float, str]] = {}
    for (*key, named), count in counts.items():
        if count > 0.0:
            most[tuple(key)] = max(most.get(tuple(key), (0.0, "")), (count, named))
    return {key: named for key, (_, named) in most.items()}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None
