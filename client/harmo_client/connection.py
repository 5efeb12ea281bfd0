"""What both clients share: the options, the requests to send, and the checks on what comes back.

No input or output happens here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from harmo_client import chunks, wire
from harmo_client.errors import InvalidResponseError, VersionChangedError
from harmo_client.retry import Outcome, Retry, error_of
from harmo_client.transfer import Request, Transfer

Split = Literal["train", "eval"]
RunRecipe = tuple[str | None, str | None]
"""A run, and the recipe it asks for: None for the service's default, whatever that is called."""
T = TypeVar("T")

_CONNECT_S = 5.0
_GRACE_S = 5.0


class Options(TypedDict, total=False):
    """Keyword arguments of both clients, all optional."""

    api_key: str | None
    """Sent as a bearer token."""
    timeout_s: float
    """Longest one attempt may take, from connecting to the last byte, in seconds; default 150,
    which is more than the service's own deadline of 120."""
    retry_for_s: float
    """Attempts start at most this long after the call did, in seconds; 0 tries once; default 600.
    The whole call, however many requests it takes, is over `timeout_s` later at most. Under several
    processes it must stay below `ddp_timeout`: the other ranks wait meanwhile."""
    first_wait_s: float
    """Upper end of the first wait before a retry, in seconds; it doubles; default 0.5."""
    longest_wait_s: float
    """Where the doubling ends, in seconds; default 15."""
    in_flight: int
    """Requests under way at once; default 4."""
    limits: chunks.ChunkLimits
    """How large one request may get; default 16 MB and 1024 completions."""
    allow_version_change: bool
    """Go on when recipe or scorers change within a run; default False."""
    pinned: Mapping[RunRecipe, wire.RecipeRef]
    """Versions of an earlier part of this run, from `client.pinned`, to hold a resumed run to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of `score`: its chunks, and a request for each."""

    asked: RunRecipe
    chunks: Sequence[chunks.Chunk]
    requests: Sequence[Request]


class Connection:
    """What a client knows about its service: patience, limits and the versions it has seen."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        timeout_s: float = 150.0,
        retry_for_s: float = 600.0,
        first_wait_s: float = 0.5,
        longest_wait_s: float = 15.0,
        in_flight: int = 4,
        limits: chunks.ChunkLimits | None = None,
        allow_version_change: bool = False,
        pinned: Mapping[RunRecipe, wire.RecipeRef] | None = None,
    ) -> None:
        if timeout_s <= 0 or retry_for_s < 0 or in_flight < 1:
            raise ValueError(
                f"need timeout_s > 0, retry_for_s >= 0 and in_flight >= 1, "
                f"got {timeout_s}, {retry_for_s} and {in_flight}"
            )
        self.timeout_s = timeout_s
        self.retry = Retry(
            for_s=retry_for_s, first_wait_s=first_wait_s, longest_wait_s=longest_wait_s
        )
        self.in_flight = in_flight
        self.limits = limits or chunks.ChunkLimits()
        self.allow_version_change = allow_version_change
        self.pinned = dict(pinned or {})
        """Who answered first, by run and recipe asked for."""
        # Nothing is unpacked: what a service sends is what it costs to read.
        self.headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if api_key is not None:
            self.headers["Authorization"] = f"Bearer {_header(api_key)}"

    def transfer(self, base_url: str, transport: httpx.AsyncBaseTransport | None) -> Transfer:
        """What sends the requests."""
        return Transfer(
            base_url,
            transport,
            headers=self.headers,
            retry=self.retry,
            in_flight=self.in_flight,
            answer_bytes=self.limits.answer_bytes,
        )

    def get(self, *path: str) -> Request:
        """A GET of the path with these segments."""
        joined = "".join(f"/{quote(segment, safe='')}" for segment in path)
        return Request(path=joined, limit_s=self.timeout_s, connect_s=_CONNECT_S)

    def call(self, asked: wire.ScoreRequest, *, explain: bool, deadline_s: float | None) -> Call:
        """The requests that carry one call of `score`."""
        # The service must be able to answer "deadline" before we stop listening.
        needed_s = 0.0 if deadline_s is None else deadline_s + _GRACE_S
        limit_s = asked.wait_for_group_ms / 1000 + max(self.timeout_s, needed_s)
        headers = {"Content-Type": "application/json"}
        if deadline_s is not None:
            headers["X-Deadline-Ms"] = str(max(1, round(deadline_s * 1000)))
        pieces = chunks.cut(asked, self.limits, explain=explain, deadline_s=deadline_s)
        requests = [
            Request(
                path="/score",
                limit_s=limit_s,
                connect_s=_CONNECT_S,
                content=piece.body,
                headers={**headers, **_routing(asked, piece), "Idempotency-Key": piece.key},
                params={"explain": "true"} if explain else {},
            )
            for piece in pieces
        ]
        return Call(asked=(asked.run, asked.recipe), chunks=pieces, requests=requests)

    def answer(self, call: Call, responses: Sequence[httpx.Response]) -> wire.ScoreResponse:
        """The checked and merged answer to a call.

        Raises InvalidResponseError where a response breaks the contract or is another recipe's,
        and VersionChangedError where recipe or scorers are not those that answered first.
        """
        answers = [
            chunks.read(piece, response.content)
            for piece, response in zip(call.chunks, responses, strict=True)
        ]
        for answer in answers:
            self._pin(call.asked, answer.recipe)
        return chunks.merge(answers)

    def _pin(self, asked: RunRecipe, seen: wire.RecipeRef) -> None:
        run, recipe = asked
        if recipe not in (None, seen.name):
            raise InvalidResponseError(f"recipe {recipe!r} was asked, {seen.name!r} answered")
        first = self.pinned.setdefault(asked, seen)
        if seen == first:
            return
        if not self.allow_version_change:
            same = (seen.name, seen.version) == (first.name, first.version)
            what = "scorers" if same else "recipe"
            raise VersionChangedError(
                f"the {what} behind {seen.name!r} changed within run {run!r}: first {first.name!r} "
                f"{first.version} with scorers {first.scorer_version}, now {seen.version} with "
                f"{seen.scorer_version}. Rewards before and after do not compare; "
                f"allow_version_change=True accepts that"
            )
        self.pinned[asked] = seen


def _routing(asked: wire.ScoreRequest, piece: chunks.Chunk) -> dict[str, str]:
    """Headers by which a proxy sends all members of a group to one instance of the service.

    None for groups that are whole, and for several: their members may have to go apart.
    """
    if len(piece.groups) != 1 or not asked.wait_for_group_ms:
        return {}
    (group,) = piece.groups
    if (group.size or 0) <= len(group.completions):
        return {}
    named = {"X-Harmo-Group": quote(group.id, safe="")}
    return named | ({"X-Harmo-Run": quote(asked.run, safe="")} if asked.run else {})


def _header(api_key: str) -> str:
    """The key, without the line end of the file it came from; it is in no message."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("the API key is empty or holds what no HTTP header can: check its source")
    return key


def recipe_list(response: httpx.Response) -> list[wire.RecipeSummary]:
    """The answer of GET /recipes; raises InvalidResponseError if it is something else."""
    return _parse(TypeAdapter(list[wire.RecipeSummary]), response)


def recipe_page(response: httpx.Response) -> wire.RecipePage:
    """The answer of GET /recipes/{name}; raises InvalidResponseError if it is something else."""
    return _parse(TypeAdapter(wire.RecipePage), response)


def _parse(schema: TypeAdapter[T], response: httpx.Response) -> T:
    chunks.require_plain(response.content)
    try:
        return schema.validate_json(response.content)
    except ValidationError as error:
        raise InvalidResponseError(f"{response.url.path} answered {error}") from None


def is_ready(outcome: Outcome) -> bool:
    """True for a 2xx from /readyz, False for a 503 or no answer; anything else is raised."""
    if isinstance(outcome, httpx.Response) and outcome.is_success:
        return True
    if isinstance(outcome, httpx.Response) and outcome.status_code != 503:
        raise error_of(outcome)
    return False
