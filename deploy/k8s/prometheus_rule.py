"""The rules of `deploy/` as a PrometheusRule: `python deploy/k8s/prometheus_rule.py` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[1]
WRITTEN = DEPLOY / "k8s" / "components" / "monitoring" / "rules.yaml"
HEAD = "# Written by deploy/k8s/prometheus_rule.py from {names}.\n"


class _Blocks(yaml.SafeDumper):
    """Writes text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _text)


def sources() -> list[Path]:
    """Prometheus's rule files, in order of their names."""
    return sorted(path for path in DEPLOY.glob("*.yml") if "groups" in _read(path))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def text() -> str:
    """The manifest, with its head."""
    rules = sources()
    groups = [group for path in rules for group in _read(path)["groups"]]
    rule: dict[str, Any] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "harmo", "labels": {"release": "kube-prometheus-stack"}},
        "spec": {"groups": groups},
    }
    names = ", ".join(path.relative_to(DEPLOY.parent).as_posix() for path in rules)
    return HEAD.format(names=names) + yaml.dump(rule, Dumper=_Blocks, sort_keys=False, width=100)


if __name__ == "__main__":
    WRITTEN.write_text(text())
