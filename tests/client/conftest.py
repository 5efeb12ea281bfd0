"""A service made of one function, for tests of the client."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from harmo_client import wire

COLUMNS = [{"name": "answer", "family": "rule"}, {"name": "aspect.format", "family": "aspect"}]
PAGE = {
    "name": "demo",
    "version": "sha256:1",
    "scorer_version": "sha256:a",
    "columns": COLUMNS,
    "recipe": {"name": "demo", "accuracy": "sum", "combine": "sum"},
}


def judge(completion: dict[str, Any]) -> dict[str, Any]:
    """Rewards a completion by its length; "unscored" gets none."""
    text = completion.get("text")
    vectors = {"confidences": [1.0, 1.0], "reasons": [None, None]}
    if text == "unscored":
        nothing = {"scores": [None, 1.0], "contributions": [0.0, 0.0]}
        return {"id": completion["id"], "reward": None, "reason": "deadline", **vectors, **nothing}
    length = float(len(text or ""))
    scored = {"scores": [length, 1.0], "contributions": [length, 0.25]}
    return {"id": completion["id"], "reward": length + 0.25, "reason": None, **vectors, **scored}


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """A whole and honest answer of the wire schema."""
    groups = []
    for group in body["groups"]:
        completions = [judge(completion) for completion in group["completions"]]
        rewards = [c["reward"] for c in completions if c["reward"] is not None]
        flat = max(rewards) - min(rewards) < 1e-6 if len(rewards) > 1 else None
        stats = {"scored": len(rewards), "mean": None, "std": None, "zero_variance": flat}
        groups.append(
            {
                "id": group["id"],
                "complete": True,
                "weights": [1.0, 0.25],
                "completions": completions,
                "stats": stats,
            }
        )
    recipe = {key: PAGE[key] for key in ("name", "version", "scorer_version")}
    return {"recipe": recipe, "columns": COLUMNS, "groups": groups, "timings_ms": {"total": 1.0}}


class LateError(Exception):
    """The deadline passed before anything was scored."""


@dataclass
class FakeService:
    """Plays its script first, one entry per request, then answers honestly.

    A script entry is a status, a status with headers, the bytes of a 200 or an exception type.
    """

    script: list[Any] = field(default_factory=list)
    spoil: Callable[[dict[str, Any]], object] = lambda answer: None
    """May change an honest answer before it is sent, or raise `LateError`."""
    page: dict[str, Any] = field(default_factory=lambda: dict(PAGE))
    requests: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.script = list(self.script)  # a table's row is shared by its tests

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was posted, parsed."""
        return [json.loads(request.content) for request in self.requests if request.content]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.script:
            return self._play(self.script.pop(0), request)
        if request.url.path == "/readyz":
            return httpx.Response(200, json={})
        if request.url.path == "/recipes":
            return httpx.Response(200, json=[self.page])
        if request.url.path.startswith("/recipes/"):
            return httpx.Response(200, json=self.page)
        honest = answer(json.loads(request.content))
        try:
            self.spoil(honest)
        except LateError:
            error = {"type": "deadline", "message": "nothing was rewarded", "field": None}
            return httpx.Response(504, json={"error": error})
        return httpx.Response(200, content=json.dumps(honest))

    def _play(self, entry: Any, request: httpx.Request) -> httpx.Response:
        if isinstance(entry, bytes):
            return httpx.Response(200, content=entry)
        if isinstance(entry, type):
            raise entry("from the script", request=request)
        status, headers = entry if isinstance(entry, tuple) else (entry, {})
        body = {"error": {"type": "scripted", "message": "from the script", "field": None}}
        return httpx.Response(status, headers=headers, json=body)


@pytest.fixture
def service() -> type[FakeService]:
    """The fake service's class: `service(script=[503, 503])`."""
    return FakeService


def make_group(id: str, texts: Sequence[str]) -> wire.Group:
    completions = [wire.Completion(id=str(i), text=text) for i, text in enumerate(texts)]
    return wire.Group(id=id, prompt="why?", completions=completions)


@pytest.fixture
def group() -> Callable[[str, Sequence[str]], wire.Group]:
    """A group of text completions: `group("7", ["yes", "no"])`."""
    return make_group


@pytest.fixture
def fake_answer() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An honest answer to a request body."""
    return answer
