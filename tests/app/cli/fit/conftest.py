"""A made store, and the command over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from tests.app.cli.conftest import Typed
from tests.app.cli.fit.lines import Line
from tests.audit.made import made_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("kept"), groups=240)


@pytest.fixture(scope="module")
def groups(store: Path) -> list[KeptGroup]:
    return list(Reader(store).groups(Query(run="exp-1")))


@pytest.fixture
def fitted(typed: Typed, store: Path, tmp_path: Path) -> Callable[..., Any]:
    """Lines and further words of the command -> its exit code and what it printed."""

    def call(lines: Iterable[Line | str], *words: str, kind: str = "prefer") -> Any:
        file = tmp_path / f"{kind}.jsonl"
        file.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
        return typed(f"fit-weights {store} --{kind} {file} --redraws 60 {' '.join(words)}")

    return call
