"""Scorers as a page shows them: what each says of itself, and how often it was right."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

from harmo.scorers import registry
from harmo.scorers.confidence import calibration
from harmo.scorers.confidence.calibration import ANY, CalibrationRow
from harmo.scorers.spec import Bounds, ScorerSpec
from harmo.scorers.types import Family

NO_DEFAULT = "required"
_BEGINS = " -*|"
"""What a line begins with that is no part of a running paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """What a term may set."""

    name: str
    default: str
    """As it is written; `required` where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """How often one verdict of a scorer was right on the labelled pairs."""

    scorer: str
    verdict: str
    """`equal`, `different` or `graded`."""
    n: int
    right: int
    confidence: float
    lower: float
    """Lower end of the 95% interval of right / n."""

    @property
    def share(self) -> float:
        """Right ones of all."""
        return self.right / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerEntry:
    """One registered scorer."""

    name: str
    family: str
    summary: str
    docstring: str
    params: tuple[Param, ...]
    reads: str
    bounds: str
    """Range of its values; where params move it, that it depends on them."""
    runs: str
    """Where it runs, and how long it may take."""
    origin: str
    """Module that registered it."""
    calibrated: tuple[Calibrated, ...]

    @property
    def pairs(self) -> int:
        """Labelled pairs that its verdicts were compared with; 0 where nobody did."""
        return sum(row.n for row in self.calibrated)


def scorers() -> list[ScorerEntry]:
    """Every scorer of this machine, by family and name."""
    families = list(Family)
    specs = sorted(registry.all_specs(), key=lambda spec: families.index(spec.family))
    return [entry(spec) for spec in specs]


def entry(spec: ScorerSpec) -> ScorerEntry:
    """What a page says of a scorer."""
    return ScorerEntry(
        name=spec.name,
        family=spec.family.value,
        summary=spec.summary,
        docstring=flowing(inspect.getdoc(spec.fn) or ""),
        params=tuple(
            Param(name=name, default=_default(param))
            for name, param in registry.params_of(spec).items()
        ),
        reads=spec.reads,
        bounds=_bounds(spec),
        runs=_runs(spec),
        origin=spec.origin,
        calibrated=calibrated(spec.name),
    )


def calibrated(scorer: str) -> tuple[Calibrated, ...]:
    """How often its verdicts were right, all kinds of pair together; none where nobody looked."""
    return tuple(
        Calibrated(
            scorer=row.scorer,
            verdict=row.verdict,
            n=row.n,
            right=row.right,
            confidence=row.confidence,
            lower=row.lower,
        )
        for row in kinds(scorer)
        if row.pair == ANY
    )


def kinds(scorer: str) -> list[CalibrationRow]:
    """The rows of a scorer by verdict and kind of pair, the largest first."""
    rows = [row for row in calibration.rows() if row.scorer == scorer]
    return sorted(rows, key=lambda row: (row.verdict, -row.n))


def matching(entries: Sequence[ScorerEntry], words: str) -> list[ScorerEntry]:
    """Those that have every word in name, summary or params, whatever the case."""
    asked = words.casefold().split()
    return [each for each in entries if all(word in _haystack(each) for word in asked)]


def _haystack(scorer: ScorerEntry) -> str:
    names = " ".join(param.name for param in scorer.params)
    return f"{scorer.name} {scorer.summary} {names} {scorer.origin}".casefold()


def _default(param: inspect.Parameter) -> str:
    return NO_DEFAULT if param.default is inspect.Parameter.empty else repr(param.default)


def _bounds(spec: ScorerSpec) -> str:
    if spec.output_of is not None:
        return "its model's"
    if callable(spec.bounds):
        return "set by its params"
    return ranging(spec.bounds)


def ranging(bounds: Bounds) -> str:
    """A range of values in words."""
    if bounds is None:
        return "unbounded"
    return " to ".join(f"{end:g}".replace("-", "−") for end in bounds)


def flowing(docstring: str) -> str:
    """A docstring whose paragraphs are a line each; lists and indented lines stay as they are."""
    made: list[str] = []
    for line in docstring.split("\n"):
        begins = not line.strip() or line[0] in _BEGINS or not made or not made[-1].strip()
        if begins or made[-1][0] in _BEGINS or made[-1].endswith(":"):
            made.append(line)
        else:
            made[-1] += f" {line}"
    return "\n".join(made)


def _runs(spec: ScorerSpec) -> str:
    if spec.resource is not None:
        return f"asks {spec.resource.replace('_', ' ')}"
    if spec.isolate:
        return f"in a worker process, {spec.timeout_s:g} s"
    return "in the service"
