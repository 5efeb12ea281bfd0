"""What a bench came to, as it is printed, saved and compared."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harmo.app.cli.bench.driving import Driver
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.tally import GROWTH, LEAST_S, Period, Tally, bucket, quantile_s
from harmo.models.documents import DocumentError, read_text, said

_Count = Annotated[int, Field(ge=0)]
_Bucket = Annotated[int, Field(ge=0, le=bucket(1e9))]
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Service(_Part):
    """Who answered."""

    url: str
    version: str
    recipe: str
    recipe_version: str
    scorer_version: str


class Client(_Part):
    """Who asked."""

    version: str
    python: str
    cpu_share: float
    """Of one core."""


class Stretch(_Part):
    """What was answered in one of equally long stretches of time."""

    requests: _Count
    completions: _Count
    latencies: dict[_Bucket, _Count]
    """Requests by bucket."""


class Result(_Part):
    """One bench."""

    harmo_bench: Literal[1] = 1
    """Version of this format."""
    began: str
    """Time of day, in UTC."""
    service: Service
    client: Client
    settings: Load
    interrupted: bool
    measured_s: float = Field(gt=0)
    requests: _Count
    """Answered 200 in that time, as are groups, completions and tokens."""
    groups: int
    distinct_groups: int | None
    """How many there were before they came again; None where none did."""
    completions: _Count
    tokens: int
    failed: int
    unsent: int
    """Due in an open loop, and not begun."""
    retries: int
    statuses: dict[str, int]
    """Of every try."""
    unscored: dict[str, int]
    sent_bytes: int
    received_bytes: int
    latency_s: dict[str, float | None]
    late_p99_s: float | None
    """By how much requests began too late, in an open loop."""
    bucket_least_s: float = LEAST_S
    bucket_growth: float = GROWTH
    """Bucket n of `latencies` ends at bucket_least_s * bucket_growth**n."""
    stretch_s: float = Field(gt=0)
    stretches: list[Stretch]

    def per_s(self, count: float) -> float:
        """How many a second."""
        return count / self.measured_s

    @property
    def scored(self) -> int:
        """Completions that got a reward."""
        # Those without are counted by when their request began: there may be a few more.
        return max(0, self.completions - sum(self.unscored.values()))

    @property
    def shed(self) -> int:
        """Tries that were answered 429 or 503."""
        return self.statuses.get("429", 0) + self.statuses.get("503", 0)


def result(
    driver: Driver, load: Load, service: Service, *, began: str, interrupted: bool
) -> Result:
    """What a bench came to that is over."""
    tally = driver.tally
    return Result(
        began=began,
        service=service,
        client=Client(
            version=version("harmo"), python=platform.python_version(), cpu_share=driver.cpu_share
        ),
        settings=load,
        interrupted=interrupted,
        measured_s=driver.measured_s,
        requests=tally.requests,
        groups=tally.groups,
        distinct_groups=driver.distinct,
        completions=tally.completions,
        tokens=tally.tokens,
        failed=tally.failed,
        unsent=tally.unsent,
        retries=tally.retries,
        statuses=_ranked(tally.statuses),
        unscored=_ranked(tally.unscored),
        sent_bytes=tally.sent_bytes,
        received_bytes=tally.received_bytes,
        latency_s=_latency(tally),
        late_p99_s=quantile_s(tally.late, 0.99),
        stretch_s=tally.periods.length_s,
        stretches=[_stretch(period) for period in tally.periods.each],
    )


def _latency(tally: Tally) -> dict[str, float | None]:
    latencies = tally.latencies
    if not (count := latencies.total()):
        return dict.fromkeys(("mean", *QUANTILES, "max"))
    quantiles = {
        # Its bucket's width lifts none above the longest.
        name: min(quantile_s(latencies, q) or 0.0, tally.max_s)
        for name, q in QUANTILES.items()
    }
    return {"mean": tally.latency_sum_s / count, **quantiles, "max": tally.max_s}


def _stretch(period: Period) -> Stretch:
    return Stretch(
        requests=period.requests,
        completions=period.completions,
        latencies=dict(period.latencies),
    )


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counts.most_common() if count}


def read_result(path: Path) -> Result:
    """A result that `--json` saved; a file that is none is a DocumentError."""
    text = read_text(path)
    try:
        return Result.model_validate_json(text)
    except ValidationError as error:
        raise DocumentError(
            f"{path}: no result of `harmo bench --json`: {said(error, None)}"
        ) from None


def differences(first: Result, second: Result) -> Mapping[str, tuple[object, object]]:
    """The settings in which two benches differ, with the value of each."""
    one, other = asdict(first.settings), asdict(second.settings)
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}
