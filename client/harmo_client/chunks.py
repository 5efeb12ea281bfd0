"""From groups to request bodies and from answers back to one answer. Pure functions."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from harmo_client import wire
from harmo_client.errors import InvalidResponseError, VersionChangedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole groups that travel in one request."""

    groups: tuple[wire.Group, ...]
    body: bytes
    """The JSON of a `wire.ScoreRequest`."""
    key: str
    """Idempotency key: sha256 over run, step, payload and what is asked beside the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkLimits:
    """How large one request and its answer may get; a group is never cut, however large."""

    bytes: int = 16 * 1024 * 1024
    completions: int = 1024
    answer_bytes: int = 64 * 1024 * 1024
    """An answer larger than this is refused; with `explain` one holds what models read."""


def cut(
    request: wire.ScoreRequest,
    limits: ChunkLimits,
    *,
    explain: bool = False,
    deadline_s: float | None = None,
) -> list[Chunk]:
    """One or more chunks, together every group in order; one empty chunk for no groups."""
    envelope = request.model_dump_json(exclude={"groups"}, exclude_none=True).encode()
    # They travel beside the body: what a short deadline left unscored is no answer to a long one.
    beside = f"explain={explain} deadline_s={deadline_s}\n".encode()
    return [
        _chunk(groups, written, envelope, beside)
        for groups, written in _fill(request.groups, limits, spent=len(envelope))
    ]


def _fill(
    groups: Sequence[wire.Group], limits: ChunkLimits, *, spent: int
) -> Iterator[tuple[list[wire.Group], list[bytes]]]:
    held: list[wire.Group] = []
    written: list[bytes] = []
    num_bytes, num_completions = spent, 0
    for group in groups:
        encoded = group.model_dump_json(exclude_defaults=True).encode()
        num_bytes += len(encoded) + 1
        num_completions += len(group.completions)
        if held and (num_bytes > limits.bytes or num_completions > limits.completions):
            yield held, written
            held, written = [], []
            num_bytes, num_completions = spent + len(encoded) + 1, len(group.completions)
        held.append(group)
        written.append(encoded)
    yield held, written


def _chunk(groups: list[wire.Group], written: list[bytes], envelope: bytes, beside: bytes) -> Chunk:
    # Each group is serialised once, for its size and for the body.
    body = b'{"groups":[' + b",".join(written) + b"]," + envelope[1:]
    return Chunk(groups=tuple(groups), body=body, key=hashlib.sha256(beside + body).hexdigest())


def read(chunk: Chunk, content: bytes) -> wire.ScoreResponse:
    """The answer to a chunk, checked against it.

    Raises InvalidResponseError if it is not the schema, or its ids, order, lengths or sums are off.
    """
    require_plain(content)
    try:
        answer = wire.ScoreResponse.model_validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidResponseError(f"the answer's {where or 'body'}: {first['msg']}") from None
    for fault in _faults(chunk, answer):
        raise InvalidResponseError(f"the answer breaks the contract: {fault}")
    return answer


def require_plain(content: bytes) -> None:
    """Refuse JSON that two readers could understand differently, with InvalidResponseError.

    A name given twice, NaN, an infinity or a number too large for one.
    """
    try:
        json.loads(
            content,
            object_pairs_hook=_names_once,
            parse_constant=_finite,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidResponseError(f"the answer is not plain JSON: {error!s:.200}") from None


def _names_once(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) == len(pairs):
        return
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise ValueError(f"{name!r:.80} is given twice")
        seen.add(name)


def _finite(number: str) -> None:
    if not math.isfinite(float(number)):
        raise ValueError(f"{number:.40} is no finite number")


def _faults(chunk: Chunk, answer: wire.ScoreResponse) -> Iterator[str]:
    asked = [group.id for group in chunk.groups]
    got = [group.id for group in answer.groups]
    if asked != got:
        yield _difference("groups", asked, got)
        return
    for group, rewards in zip(chunk.groups, answer.groups, strict=True):
        asked = [completion.id for completion in group.completions]
        got = [completion.id for completion in rewards.completions]
        if asked != got:
            yield f"group {group.id!r}: {_difference('completions', asked, got)}"
            return
        num_columns = len(answer.columns)
        if len(rewards.weights) != num_columns:
            yield f"group {group.id!r}: {len(rewards.weights)} weights for {num_columns} columns"
        for completion in rewards.completions:
            for fault in _completion_faults(completion, num_columns):
                yield f"group {group.id!r}, completion {completion.id!r}: {fault}"


def _completion_faults(completion: wire.CompletionReward, num_columns: int) -> Iterator[str]:
    vectors: dict[str, Sequence[object]] = {
        "scores": completion.scores,
        "confidences": completion.confidences,
        "contributions": completion.contributions,
        "reasons": completion.reasons,
    }
    for name, vector in vectors.items():
        if len(vector) != num_columns:
            yield f"{len(vector)} {name} for {num_columns} columns"
    if (completion.reward is None) == (completion.reason is None):
        yield f"reward is {completion.reward} and reason is {completion.reason!r}; one must be null"
    total = math.fsum(completion.contributions)
    if completion.reward is not None and not math.isclose(
        total, completion.reward, rel_tol=1e-6, abs_tol=1e-6
    ):
        yield f"contributions sum to {total}, reward is {completion.reward}"


def _difference(what: str, asked: Sequence[str], got: Sequence[str]) -> str:
    pairs = enumerate(zip(asked, got, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(asked), len(got)))
    return f"{len(asked)} {what} asked, {len(got)} answered, ids differ from place {place}"


def merge(answers: Sequence[wire.ScoreResponse]) -> wire.ScoreResponse:
    """One answer with every group in order and timings summed.

    Raises VersionChangedError if the chunks were answered with different columns.
    """
    first, *others = answers
    if not others:
        return first
    for other in others:
        if other.columns != first.columns:
            raise VersionChangedError(
                f"columns changed within one call: {_names(first)}, then {_names(other)}"
            )
    timings_ms: dict[str, float] = {}
    for answer in answers:
        for phase, spent_ms in answer.timings_ms.items():
            timings_ms[phase] = timings_ms.get(phase, 0.0) + spent_ms
    return wire.ScoreResponse(
        recipe=answers[-1].recipe,
        columns=first.columns,
        groups=[group for answer in answers for group in answer.groups],
        timings_ms=timings_ms,
    )


def _names(answer: wire.ScoreResponse) -> str:
    return ", ".join(column.name for column in answer.columns)
