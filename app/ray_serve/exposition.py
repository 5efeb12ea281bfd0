"""What all replicas count, as one exposition: Prometheus asks a proxy, which asks any gateway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ray import serve
from ray.serve.handle import DeploymentHandle

PATIENCE_S = 4.0
"""For the replicas of one deployment to say what they count; less than a scrape waits."""


def replica() -> str:
    """The name of the replica that this is called in."""
    context = serve.get_replica_context()
    return f"{context.deployment}#{context.replica_id.unique_id}"


async def exposed(handle: DeploymentHandle[object]) -> Mapping[str, bytes]:
    """By replica what a deployment counts; nothing if one of its replicas hangs."""
    asked = handle.broadcast("exposed")
    try:
        told = await asked.results_async(timeout_s=PATIENCE_S, return_exceptions=True)
    except TimeoutError:
        return {}
    return dict(each for each in told if not isinstance(each, BaseException))


def merged(expositions: Mapping[str, bytes]) -> bytes:
    """One exposition of all series, each with the label `replica`.

    Args:
        expositions: Prometheus's text format, by replica.
    """
    heads: dict[str, dict[str, str]] = defaultdict(dict)
    series: dict[str, list[str]] = defaultdict(list)
    for name, text in expositions.items():
        family = ""
        # Not splitlines: a label value may hold what that takes for the end of a line.
        for line in text.decode().split("\n"):
            if line.startswith("# "):
                _, kind, family, *_ = line.split(" ", 3)
                heads[family].setdefault(kind, line)
            elif line:
                series[family].append(_labelled(line, name))
    lines = [line for family, head in heads.items() for line in (*head.values(), *series[family])]
    return "".join(f"{line}\n" for line in lines).encode()


def _labelled(line: str, name: str) -> str:
    metric, labelled, rest = line.partition("{")
    if labelled:
        return f'{metric}{{replica="{name}",{rest}'
    metric, _, value = line.partition(" ")
    return f'{metric}{{replica="{name}"}} {value}'
