"""What a policy is paid for, by recipe, run and split: the figures of a view. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from harmo.app.cli.top.comfort import REWARD
from harmo.app.cli.top.view import Key, View

RUN = ("recipe", "run", "split")
_SIGNALS = (
    *("harmo_signal_groups", "harmo_signal_reward_share", "harmo_signal_model_auc"),
    *("harmo_signal_fooled_ratio", "harmo_signal_length_correlation", "harmo_signal_drift"),
    *("harmo_signal_duplicate_siblings_ratio", "harmo_signal_truncated_ratio"),
    *("harmo_signal_abstained_ratio", "harmo_signal_shadow_correlation"),
)
_Signals = Mapping[Key, Mapping[str, dict[str, float]]]
"""By recipe and run, then by column; those that have none under an empty name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One term of a run's recipe. None where nothing was counted."""

    name: str
    mean: float | None
    abstained: float | None
    reason: str
    """The one named most; empty where it abstained nowhere."""
    signals: Mapping[str, float]
    """Audit signals, without `harmo_signal_`; none outside training."""


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
    signals: Mapping[str, float]
    """Those of no column, and those of the whole reward."""
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


def _run(key: Key, lately: _Counted, counted: _Counted, signals: _Signals, *, active: bool) -> Run:
    recipe, run, split = key
    audited = signals.get((recipe, run), {}) if split == "train" else {}
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
        signals={**audited.get("", {}), **audited.get(REWARD, {})},
        columns=tuple(_column((*key, name), counted, audited) for name in names),
    )


def _column(key: Key, counted: _Counted, audited: Mapping[str, Mapping[str, float]]) -> Column:
    abstained = counted.abstained.get(key, 0.0)
    return Column(
        name=key[3],
        mean=counted.score_means.get(key),
        abstained=_share(abstained, abstained + counted.scores.get(key, 0.0)),
        reason=counted.abstentions.get(key, ""),
        signals=audited.get(key[3], {}),
    )


def _signals(view: View) -> _Signals:
    found: _Signals = defaultdict(lambda: defaultdict(dict))
    for name in _SIGNALS:
        for (recipe, run, column), value in _averaged(view, name).items():
            found[recipe, run][column][name.removeprefix("harmo_signal_")] = value
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
