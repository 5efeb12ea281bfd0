"""The Prometheus text format, read in one pass over what `harmo top` looks at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import re2

Samples = Mapping[str, Mapping[str, float]]
"""Values by metric name and by labels as they are written."""

STARTED = "process_start_time_seconds"
"""Since when a service runs."""
_UNREAD = frozenset({"harmo_score_bucket"})
"""Nine lines in ten of a busy service; a column's mean needs none of them."""
_LABEL = re2.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_UNESCAPED = {"n": "\n"}


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one look at `/metrics` gave."""

    at_s: float
    """When, on a clock that only goes forward."""
    samples: Samples


def parse(text: str) -> Samples:
    """The samples of an exposition; lines that are none are passed over."""
    found: dict[str, dict[str, float]] = {}
    # Not splitlines: a label value may hold what that takes for the end of a line.
    for line in text.split("\n"):
        if not line or line[0] == "#":
            continue
        name = line.partition(" ")[0].partition("{")[0]
        if name in _UNREAD or name.endswith("_created"):
            continue
        written, _, rest = line[len(name) :].rpartition("}")
        try:
            value = float(rest.split(maxsplit=1)[0])
        except (ValueError, IndexError):
            continue
        found.setdefault(name, {})[written[1:]] = value
    return found


def version(samples: Samples) -> str:
    """Of the service that exposed them; empty if they do not say."""
    infos = samples.get("harmo_build_info", {})
    return next((labels(written).get("version", "") for written in infos), "")


@lru_cache(maxsize=100_000)
def labels(written: str) -> Mapping[str, str]:
    """Label values by name, unescaped."""
    return {name: _ESCAPED.sub(_unescape, value) for name, value in _LABEL.findall(written)}


def _unescape(found: re.Match[str]) -> str:
    return _UNESCAPED.get(found[1], found[1])
