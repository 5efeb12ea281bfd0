"""A real Prometheus that scrapes a service each second, with the rules of `deploy/`."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.process import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = shutil.which("prometheus")
SCRAPE_S = 1.0
Labels = dict[str, str]
Series = list[tuple[Labels, list[tuple[float, float]]]]
"""Labels, and the values by time."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Its HTTP API."""

    url: str

    def ask(self, path: str, **parameters: str | float) -> Any:
        """The `data` of an answer."""
        answer = httpx.post(
            f"{self.url}/api/v1/{path}", data=parameters, timeout=30, trust_env=False
        )
        body = answer.json()
        assert body["status"] == "success", (parameters, body)
        return body["data"]

    def at(self, expr: str, time_s: float) -> Series:
        """The series of an instant."""
        found = self.ask("query", query=expr, time=time_s)["result"]
        return [(each["metric"], [pair(each["value"])]) for each in found]

    def between(self, expr: str, start_s: float, end_s: float, step_s: float) -> Series:
        """The series of a range."""
        found = self.ask("query_range", query=expr, start=start_s, end=end_s, step=step_s)["result"]
        return [(each["metric"], [pair(value) for value in each["values"]]) for each in found]

    def rules(self) -> list[dict[str, Any]]:
        """Every rule as it was last evaluated."""
        answer = httpx.get(f"{self.url}/api/v1/rules", timeout=30, trust_env=False).json()
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]]


def pair(value: tuple[float, str]) -> tuple[float, float]:
    return value[0], float(value[1])


@contextmanager
def scraping(target: int, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that has begun to scrape a port of this machine, by our own configuration."""
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    config["global"] = {
        "scrape_interval": f"{SCRAPE_S:g}s",
        "scrape_timeout": f"{SCRAPE_S:g}s",
        "evaluation_interval": f"{SCRAPE_S:g}s",
    }
    config["rule_files"] = [str(DEPLOY / name) for name in config["rule_files"]]
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{target}"]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(PROMETHEUS),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        found = Prometheus(f"http://127.0.0.1:{port}")
        _wait(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def _wait(prometheus: Prometheus, process: subprocess.Popen[bytes]) -> None:
    stop_s = time.monotonic() + 60
    while time.monotonic() < stop_s and process.poll() is None:
        try:
            if prometheus.at('up{job="harmo"} == 1', time.time()):
                return
        except (httpx.TransportError, ValueError):
            pass
        time.sleep(0.2)
    raise RuntimeError("Prometheus did not begin to scrape")
