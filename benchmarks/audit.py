"""What keeping every group costs: rules-only POST /score with no store, `prompt` and `strict`.

Three services stand side by side and are asked in turn, round by round, so that noise hits all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.overhead import COMPLETIONS, CONCURRENT, RECIPE, load, request, server
from harmo.audit.read import Query, Reader
from tests.process import free_port

HARMO = str(Path(sys.executable).parent / "harmo")
WAYS: Mapping[str, list[str]] = {
    "no store": [],
    "prompt": ["audit_mode: prompt"],
    "strict": ["audit_mode: strict"],
}
"""What each service's settings say besides the folder."""
Round = dict[str, tuple[float, float]]
"""Requests per second, and CPU seconds per request, by way."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="where stores lie; default: a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder, ExitStack() as running:
        servers = {}
        for way, lines in WAYS.items():
            port = free_port()
            config = written(Path(folder, way.replace(" ", "-")), lines)
            command = [HARMO, "serve", "--config", str(config), "--port", str(port)]
            servers[way] = port, running.enter_context(server(command, port))
        body = json.dumps({**request(), "run": "bench"}).encode()
        rounds = [
            {way: load(port, body, process) for way, (port, process) in servers.items()}
            for _ in range(arguments.rounds)
        ]
        running.close()
        report(rounds, {way: kept(Path(folder, way)) for way in WAYS if WAYS[way]})


def written(folder: Path, lines: list[str]) -> Path:
    """The settings of one service."""
    folder.mkdir()
    (folder / "overhead.yaml").write_text(RECIPE)
    said = [f"recipes: [{folder / 'overhead.yaml'}]", "log_level: warning", *lines]
    if lines:
        said.append(f"audit: {folder}")
    (folder / "harmo.yaml").write_text("\n".join(said))
    return folder / "harmo.yaml"


def kept(folder: Path) -> tuple[int, float]:
    """Groups in a store, and its bytes per completion."""
    reader = Reader(folder)
    sizes = [len(group.ids) for group in reader.groups(Query(), texts=False)]
    reader.close()
    taken = sum(path.stat().st_size for path in folder.glob("audit.sqlite*"))
    return len(sizes), taken / max(1, sum(sizes))


def report(rounds: list[Round], stores: Mapping[str, tuple[int, float]]) -> None:
    """Print each way's median, and its ratios to no store, taken round by round.

    CPU is that of the service's own process: what it costs where other work keeps the cores busy.
    """
    print(f"## Audit: {COMPLETIONS} completions a request, {CONCURRENT} at once, rules only\n")
    print("| way | requests/s | of no store | CPU ms/request | to no store | kept | B/completion |")
    print("|---|---|---|---|---|---|---|")
    for way in rounds[0]:
        rate = statistics.median(row[way][0] for row in rounds)
        cpu_ms = statistics.median(1000 * row[way][1] for row in rounds)
        ratios = [row[way][0] / row["no store"][0] for row in rounds]
        groups, each = stores.get(way, (0, 0.0))
        span = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        cpu = statistics.median(row[way][1] / row["no store"][1] for row in rounds)
        print(f"| {way} | {rate:.0f} | {span} | {cpu_ms:.2f} | {cpu:.2f} | {groups} | {each:.0f} |")
    print(f"\nMedians of {len(rounds)} rounds; ratios round by round.\n")


if __name__ == "__main__":
    main()
