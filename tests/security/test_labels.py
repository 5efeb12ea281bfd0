"""Attack 36: a flood of names, each of which could become a series of its own."""

from __future__ import annotations

import json

from tests.security.target import (
    Cost,
    Target,
    group,
    measured,
    require_cheap,
    require_nothing_leaked,
)

NAMES = 2000


def series(target: Target) -> int:
    text = target.ask("GET", "/metrics").content.decode()
    return sum(1 for line in text.splitlines() if not line.startswith("#"))


def test_no_flood_of_names_makes_a_flood_of_series(target: Target) -> None:
    for k in range(40):  # so that the places there are for runs are taken, and `other` is there
        for split in ("train", "eval"):
            target.score(group("5"), run=f"first-{k}", split=split, recipe="wide")
    for path in ("/nope", "/recipes/nope"):
        target.ask("GET", path)
    target.score(group("5", task="nope"), recipe="wide")
    target.ask("BREW", "/score")
    before = series(target)
    with measured(target) as cost:
        for k in range(NAMES // 20):
            groups = [group("5", id=f"id-{k}-{i}", task=f"task-{k}-{i}") for i in range(20)]
            asked = {"recipe": "wide", "groups": groups, "run": f"run-{k}", "split": "eval"}
            target.post(json.dumps(asked).encode(), {"X-Name": f"x-{k}"})
            target.ask("GET", f"/path-{k}")
            target.ask("GET", f"/recipes/recipe-{k}")
            target.ask(f"VERB{k}", "/score")
            target.score(group("5"), recipe=f"recipe-{k}")
    # A route or a status may be new; each has the series of one histogram.
    assert series(target) <= before + 200
    require_cheap(cost, Cost(cpu_s=2.0, memory_bytes=8 << 20), size=NAMES * 300)
    require_nothing_leaked(target)


def test_a_name_is_as_long_as_it_may_be_and_no_longer(target: Target) -> None:
    assert target.score(group("5"), run="r" * 256).status == 200
    assert target.score(group("5"), run="r" * 257).status == 422
    answer = target.score(group("5"), recipe="r" * 100_000)
    assert answer.status == 422
    assert len(answer.content) < 2000
    require_nothing_leaked(target, answer)
