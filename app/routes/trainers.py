"""What routes in trainers' own formats share: options in the URL, limits, and the one exchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request, Response
from pydantic import BaseModel, Field, ValidationError

from harmo.app.admission.gate import VALUE_BYTES
from harmo.app.admission.tally import require_few_turns
from harmo.app.body import invalid, outlined, parse, read_body
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.exchange import exchange
from harmo.app.keys import owner
from harmo.app.routes.dependencies import key_of
from harmo.app.scored import ScoredRequest
from harmo.app.service import Service
from harmo.app.trainers.options import OnUnscored, Options
from harmo.app.trainers.paid import stand_ins
from harmo.app.trainers.rows import Row, to_request, within
from harmo.app.wireformat import WireFormat
from harmo.rewards.plan import Plan

_HEADERS = {
    "x-harmo-group": "group",
    "x-harmo-group-size": "group_size",
    "x-harmo-run": "run",
    "x-harmo-step": "step",
}

Theirs = TypeVar("Theirs", bound=BaseModel)
THREAD_BYTES = 32 << 10
"""Of text that is cut into turns, each of which costs as much as a JSON value."""
Texts = Annotated[list[str], Field(fail_fast=True)]


async def answered(
    request: Request,
    asked: type[Theirs],
    to_rows: Callable[[Theirs, Options], Iterable[Row]],
    to_body: Callable[[ScoredRequest, Theirs, Options], bytes],
    *,
    deadline_ms: int,
) -> Response:
    """The answer to a request of rows, each of which gets a number.

    Args:
        request: As it comes in; its body is not read yet.
        asked: The body.
        to_rows: What it asks; a ValueError from it is a 422 with its words.
        to_body: The JSON that answers it, with a number for every row.
        deadline_ms: Time for a request whose URL says nothing: below its client's patience.

    Raises:
        ServiceError: Any status of the table in `errors`.
    """
    service: Service = request.app.state.service
    options, settings = options_of(request), service.settings
    form = WireFormat(
        asked=asked,
        to_groups=lambda theirs: to_request(within(to_rows(theirs, options), settings), options),
        to_body=lambda scored, theirs: to_body(scored, theirs, options),
        variant=options.model_dump_json(exclude={"token"}),
        require=require_few_turns,
        thread_bytes=THREAD_BYTES,
        suits=lambda plan: suits(plan, options),
        stands_in=options.on_unscored.value,
        stand_ins=lambda scored: stand_ins(scored, options),
        always_paid=options.on_unscored is OnUnscored.VALUE,
        deadline_ms=options.deadline_ms or min(deadline_ms, 10 * settings.deadline_ms),
        patient=True,
        named=False,
        retries_alike=True,
    )
    return await exchange(request, service, key_of(request), form)


def options_of(request: Request) -> Options:
    """What the URL and the headers of a request say.

    Args:
        request: Its headers go before its URL.

    Raises:
        ServiceError: 422 for what is no option, or does not fit.
    """
    headers = tuple((to, request.headers.get(name)) for name, to in _HEADERS.items())
    return _options(request.scope["query_string"], headers)


@lru_cache(maxsize=256)
def _options(query: bytes, headers: tuple[tuple[str, str | None], ...]) -> Options:
    # A trainer's URL stays the same; only what names a group changes.
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    told = dict(asked)
    if len(told) < len(asked):
        raise ServiceError(ErrorType.INVALID, "the URL gives an option twice")
    told |= {name: value for name, value in headers if value is not None}
    if unknown := sorted(told.keys() - Options.model_fields):
        known = ", ".join(Options.model_fields)
        message = f"no option {unknown[0][:80]!r} in the URL; there are {known}"
        raise ServiceError(ErrorType.INVALID, message, field=unknown[0])
    try:
        return Options.model_validate(told)
    except ValidationError as error:
        raise invalid(error) from None


def suits(plan: Plan, options: Options) -> None:
    """Refuse a recipe that compares siblings where nobody says how many there are.

    Args:
        plan: The recipe.
        options: Say, or do not.

    Raises:
        ServiceError: 422 that names what compares them.
    """
    comparing = [column.name for column in plan.columns if column.scorer.compares_siblings]
    if options.group_size is None and (comparing or plan.combiner.needs_group):
        what = ", ".join(comparing) or f"combine: {plan.recipe.combine}"
        message = (
            f"recipe {plan.recipe.name!r} compares the completions of a prompt ({what}), and"
            " nothing says how many there are: add group_size=N&run=NAME to the URL"
        )
        raise ServiceError(ErrorType.INVALID, message, field="group_size")


def parameters() -> list[dict[str, Any]]:
    """What OpenAPI says of the options."""
    schema = Options.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.get("$defs", {})
    found = []
    for name, said in schema["properties"].items():
        reference = said.get("$ref", "").rpartition("/")[2]
        whole = {**definitions.get(reference, {}), **said}
        whole.pop("$ref", None)
        description = whole.pop("description", "")
        entry = {"name": name, "in": "query", "required": False, "description": description}
        found.append({**entry, "schema": whole})
    return found


async def read(request: Request, model: type[Theirs]) -> Theirs:
    """The body of a request that scores nothing, within the limits of those that do.

    Args:
        request: Its body is not read yet.
        model: What the body has to be.

    Raises:
        ServiceError: 400, 408, 413, 415, 422, 429 or 504.
    """
    service: Service = request.app.state.service
    settings = service.settings
    deadline_s = time.monotonic() + settings.deadline_ms / 1000
    with service.admission.bytes.hold(owner(key_of(request)), 0) as held:
        body = await read_body(
            request.stream(),
            request.headers,
            max_bytes=settings.max_body_bytes,
            timeout_s=settings.body_timeout_s,
            deadline_s=deadline_s,
            held=held,
        )
        known = outlined(body, max_values=settings.max_values)
        held.grow_to(len(body) + known.values * VALUE_BYTES)
        parsing = partial(parse, body, known, model)
        return await service.parsing.run(parsing, deadline_s=deadline_s)
