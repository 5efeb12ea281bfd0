"""The wire under schemathesis and hypothesis: every answer is of the schema, and none is a 5xx.

`HARMO_FUZZ_S` seconds for each test; hypothesis prints the example that fails.
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from harmo.app.settings import Settings
from harmo_client import wire
from tests.app.serving import Serving, body, group
from tests.security.fuzzing import SECONDS
from tests.security.target import LEAKS

EXAMPLES = round(12 * SECONDS)
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    database=None,
    derandomize=False,
)


class Loop:
    """The application on an event loop of its own: hypothesis calls plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        settings = Settings(
            workers=1, recipes=("math", "chart"), max_completions=200, max_body_bytes=1 << 20
        )
        self.serving = Serving(settings)
        self.http = self.run(self.serving.__aenter__())

    @property
    def app(self) -> FastAPI:
        return self.serving.app

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=100)

    def post(self, content: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return self.run(self.http.post("/score", content=content, headers=headers))

    def close(self) -> None:
        self.run(self.serving.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def require_refusal(response: httpx.Response) -> None:
    """A 4xx of the error schema, without a word of our insides."""
    assert 400 <= response.status_code < 500, response.text
    assert wire.ErrorBody.model_validate_json(response.content)
    assert not LEAKS.search(response.text), response.text


def require_answer(asked: dict[str, Any], response: httpx.Response) -> None:
    """As many rewards as completions, in order, finite, and each with its reason or without."""
    answer = wire.ScoreResponse.model_validate_json(response.content, strict=True)
    assert [g.id for g in answer.groups] == [g["id"] for g in asked["groups"]]
    for sent, got in zip(asked["groups"], answer.groups, strict=True):
        assert [c.id for c in got.completions] == [c["id"] for c in sent["completions"]]
        for completion in got.completions:
            assert (completion.reward is None) != (completion.reason is None)
            assert len(completion.scores) == len(answer.columns) == len(got.weights)
            for score, reason in zip(completion.scores, completion.reasons, strict=True):
                assert (score is None) != (reason is None)
            total = math.fsum(completion.contributions)
            assert math.isclose(total, completion.reward or 0.0, rel_tol=1e-6, abs_tol=1e-6)


TEXT = st.text(max_size=60) | st.sampled_from(
    ["\\boxed{4}", "<answer>4</answer>", "<think>4", "</think>", "\x00", "\ufdfa" * 50, "4" * 5000]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
IDS = st.text(min_size=1, max_size=5) | st.sampled_from(["0", "a", "x" * 256])
TURNS = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool"]), "content": TEXT}
    ),
    min_size=1,
    max_size=3,
)
COMPLETION = st.fixed_dictionaries(
    {"id": IDS, "text": TEXT},
    optional={"num_tokens": st.integers(0, 10**7), "truncated": st.booleans()},
) | st.fixed_dictionaries({"id": IDS, "messages": TURNS})
GROUP = st.fixed_dictionaries(
    {
        "id": IDS,
        "prompt": TEXT | TURNS,
        "completions": st.lists(COMPLETION, max_size=4, unique_by=lambda c: c["id"]),
    },
    optional={
        "reference": VALUE,
        "references": st.dictionaries(TEXT, VALUE, max_size=2),
        "task": st.sampled_from(["math", "choice", "bbox", "json", "vqa", "ocr", "nope"]) | TEXT,
        "constraints": VALUE,
        "metadata": st.dictionaries(TEXT, VALUE, max_size=2),
        "prefix": TEXT,
        "size": st.integers(4, 65_536),
    },
)
REQUEST = st.fixed_dictionaries(
    {"groups": st.lists(GROUP, max_size=3)},
    optional={
        "recipe": st.sampled_from(["math", "chart"]),
        "run": st.text(max_size=20),
        "step": st.integers(0, 2**53),
        "split": st.sampled_from(["train", "eval"]),
    },
)


@FUZZ
@given(asked=REQUEST)
def test_a_valid_request_is_answered_whole(loop: Loop, asked: dict[str, Any]) -> None:
    response = loop.post(json.dumps(asked).encode())
    assert response.status_code == 200, response.text
    require_answer(asked, response)


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, dict | list):
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(held, (*at, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@FUZZ
@given(asked=REQUEST, data=st.data())
def test_a_request_nearly_valid_is_refused_or_answered(
    loop: Loop, asked: dict[str, Any], data: st.DataObject
) -> None:
    spoilt = changed(asked, data.draw(st.sampled_from(list(paths(asked)))), data.draw(VALUE))
    response = loop.post(json.dumps(spoilt).encode())
    if response.status_code == 200:
        require_answer(spoilt, response)
    else:
        require_refusal(response)


VALID = json.dumps(body(group("\\boxed{4}", "5", "é\U0001f600"), recipe="math")).encode()
PLACE = st.integers(0, len(VALID))


@FUZZ
@given(start=PLACE, end=PLACE, new=st.binary(max_size=12))
def test_bytes_amiss_are_refused_or_answered(loop: Loop, start: int, end: int, new: bytes) -> None:
    start, end = sorted((start, end))
    content = VALID[:start] + new + VALID[end:] if end - start < 40 else VALID[:start] + new
    response = loop.post(content)
    if response.status_code == 200:
        require_answer(json.loads(content), response)
    else:
        require_refusal(response)


CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def test_every_route_keeps_what_its_schema_says(loop: Loop) -> None:
    """schemathesis: statuses, media types and bodies are the documented ones, on any input."""
    schema = schemathesis.openapi.from_dict(loop.app.openapi())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 7
    for operation in operations:

        @settings(FUZZ, max_examples=max(5, EXAMPLES // 8))
        @given(case=operation.as_strategy())
        def conforms(case: schemathesis.Case) -> None:
            sent = case.as_transport_kwargs(base_url="http://harmo")
            request = loop.http.build_request(**requested(sent))
            response = loop.run(loop.http.send(request))
            case.validate_response(response, checks=CHECKS)

        conforms()


def requested(sent: dict[str, Any]) -> dict[str, Any]:
    """What schemathesis would have `requests` send, as httpx takes it."""
    headers = {k: v for k, v in dict(sent.get("headers") or {}).items() if v and v.isascii()}
    kept = {key: sent[key] for key in ("method", "url", "params", "json") if key in sent}
    return {**kept, "headers": headers}
