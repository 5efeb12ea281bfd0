"""What a running service says of its recipes and scorers, read with care: it is another process."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from harmo.models.documents import parse_json

MOST_BYTES = 4 << 20
"""Of an answer; a longer one is not read."""
MOST = 1000
"""Recipes or scorers that are looked at."""
_TIMEOUT_S = 5.0
_NONE_SUCH = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
_FAULTS = (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError, AttributeError)
"""Of the way there, and of an answer that says something else than a service does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRecipe:
    """One recipe of the service."""

    name: str
    version: str
    description: str
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedScorer:
    """One scorer of the service."""

    name: str
    family: str
    summary: str
    origin: str
    reads: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """What the service says of one recipe."""

    version: str
    scorer_version: str
    default: bool
    formula: str
    words: str
    recipe: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a service scores with, or why that is not known."""

    recipes: tuple[ServedRecipe, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    """Hosted models and encoders, with how each shares a forward pass."""
    scorers: tuple[ServedScorer, ...] = ()
    fault: str = ""


async def served(service: httpx.AsyncClient) -> Served:
    """Its recipes and scorers.

    Args:
        service: A client with its address.
    """
    recipes = await served_recipes(service)
    if isinstance(recipes, str):
        return Served(fault=recipes)
    try:
        scorers = await _listed(service, "scorers")
        return Served(
            recipes=recipes,
            models=await _models(service),
            scorers=tuple(
                ServedScorer(
                    name=str(each["name"]),
                    family=str(each["family"]),
                    summary=str(each.get("summary", "")),
                    origin=str(each.get("origin", "")),
                    reads=str(each.get("reads", "")),
                    params=tuple(map(str, each.get("params", ()))),
                )
                for each in scorers
            ),
        )
    except _FAULTS as error:
        return Served(fault=said(error))


async def served_recipes(service: httpx.AsyncClient) -> tuple[ServedRecipe, ...] | str:
    """Its recipes; a text says why they are not known.

    Args:
        service: A client with its address.
    """
    try:
        return tuple(
            ServedRecipe(
                name=str(each["name"]),
                version=str(each["version"]),
                description=str(each.get("description", "")),
                default=each.get("default") is True,
            )
            for each in await _listed(service, "recipes")
        )
    except _FAULTS as error:
        return said(error)


async def served_page(service: httpx.AsyncClient, name: str) -> ServedPage | str | None:
    """What it says of one recipe; a text says why it cannot be asked, None that it has none.

    Args:
        service: A client with its address.
        name: Of the recipe, as an address has it: a name that no recipe can have is not asked for.
    """
    if not name.isascii() or "/" in name or name in {".", ".."} or not name.isprintable():
        return None
    try:
        status, document = await _asked(service, f"recipes/{name}", expected=_NONE_SUCH)
        if status in _NONE_SUCH:
            return None
        return ServedPage(
            version=str(document["version"]),
            scorer_version=str(document["scorer_version"]),
            default=document.get("default") is True,
            formula=str(document.get("formula", "")),
            words=str(document.get("words", "")),
            recipe=dict(document["recipe"]),
        )
    except _FAULTS as error:
        return said(error)


def said(error: Exception) -> str:
    """Why a service could not be read, in a sentence."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code}"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"it did not answer within {_TIMEOUT_S:g} seconds"
    if isinstance(error, httpx.HTTPError):
        return "it cannot be reached"
    return f"its answer could not be read: {error}"


async def _models(service: httpx.AsyncClient) -> Mapping[str, str]:
    """What is hosted; nothing while the service is not ready."""
    status, answer = await _asked(service, "readyz", expected=range(HTTPStatus.BAD_REQUEST, 600))
    models = answer.get("models") or {} if status == HTTPStatus.OK else {}
    return {str(name): str(rung) for name, rung in list(models.items())[:MOST]}


async def _listed(service: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    _, answer = await _asked(service, path)
    if not isinstance(answer, list):
        raise TypeError(f"{path} is no list")
    return answer[:MOST]


async def _asked(
    service: httpx.AsyncClient, path: str, *, expected: Collection[int] = ()
) -> tuple[int, Any]:
    """Status and JSON of an answer; None for the JSON of a status that is expected beside 200.

    However long the answer goes on, no more than `MOST_BYTES` of it are held, for `_TIMEOUT_S`.
    """
    async with asyncio.timeout(_TIMEOUT_S), service.stream("GET", path) as answer:
        if answer.status_code in expected:
            return answer.status_code, None
        answer.raise_for_status()
        content = bytearray()
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes")
    return answer.status_code, parse_json(bytes(content))
