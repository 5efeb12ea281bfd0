"""What routes in trainers' own formats share: the URL's options, and a form that heeds them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ValidationError

from harmo.app.admission.gate import VALUE_BYTES
from harmo.app.body import invalid, outlined, parse, read_body
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, owner
from harmo.app.routes.dependencies import KeyDep, ServiceDep
from harmo.app.scored import ScoredRequest
from harmo.app.service import Service
from harmo.app.trainers.options import OnUnscored, Options
from harmo.app.trainers.rows import Row, to_request
from harmo.app.wireformat import WireFormat

_HEADERS = {
    "x-harmo-group": "group",
    "x-harmo-group-size": "group_size",
    "x-harmo-run": "run",
    "x-harmo-step": "step",
}

Theirs = TypeVar("Theirs", bound=BaseModel)


async def options_of(
    request: Request, service: ServiceDep, key: KeyDep, asked: Annotated[Options, Query()]
) -> Options:
    """What the URL and the headers of a request say, checked against its recipe.

    Args:
        request: For its headers.
        service: For the recipe.
        key: Whose request it is.
        asked: Of the URL.

    Raises:
        ServiceError: 422 for a header that does not fit, or a recipe that compares siblings where
            nobody says how many there are.
    """
    told = {to: request.headers[name] for name, to in _HEADERS.items() if name in request.headers}
    try:
        options = Options.model_validate({**asked.model_dump(exclude_unset=True), **told})
    except ValidationError as error:
        raise invalid(error) from None
    if options.group_size is None and service.life.ready:
        plan = service.program(options.recipe, key).plan
        comparing = [column.name for column in plan.columns if column.scorer.compares_siblings]
        if comparing or plan.combiner.needs_group:
            what = ", ".join(comparing) or f"combine: {plan.recipe.combine}"
            message = (
                f"recipe {plan.recipe.name!r} compares the completions of a prompt ({what}), and"
                " nothing says how many there are: add group_size=N&run=NAME to the URL"
            )
            raise ServiceError(ErrorType.INVALID, message, field="group_size")
    return options


OptionsDep = Annotated[Options, Depends(options_of)]


def form(
    asked: type[Theirs],
    to_rows: Callable[[Theirs, Options], list[Row]],
    to_body: Callable[[ScoredRequest, Theirs, Options], bytes],
    *,
    service: Service,
    options: Options,
    deadline_ms: int,
) -> WireFormat[Theirs]:
    """A wire format of rows, each of which is answered with a number.

    Args:
        asked: The body of a request.
        to_rows: What it asks; a ValueError from it is a 422 with its words.
        to_body: The JSON that answers it, with a number for every row.
        service: For its limits.
        options: Of the URL.
        deadline_ms: Time for a request whose URL says nothing: below its client's patience.
    """
    longest_ms = 10 * service.settings.deadline_ms
    return WireFormat(
        asked=asked,
        to_groups=lambda theirs: to_request(to_rows(theirs, options), options),
        to_body=lambda scored, theirs: to_body(scored, theirs, options),
        variant=options.model_dump_json(exclude={"token"}),
        stands_in=None if options.on_unscored is OnUnscored.STOP else options.on_unscored.value,
        deadline_ms=options.deadline_ms or min(deadline_ms, longest_ms),
        patient=True,
        retries_alike=True,
    )


async def read(
    request: Request, service: Service, key: ApiKey | None, model: type[Theirs]
) -> Theirs:
    """The body of a request that scores nothing, within the limits of those that do.

    Args:
        request: Its body is not read yet.
        service: For its limits.
        key: Whose request it is.
        model: What the body has to be.

    Raises:
        ServiceError: 400, 408, 413, 415, 422, 429 or 504.
    """
    settings = service.settings
    deadline_s = time.monotonic() + settings.deadline_ms / 1000
    with service.admission.bytes.hold(owner(key), 0) as held:
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
