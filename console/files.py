"""Files of a group: its pictures, its request, its table, the plain text of a completion.

They stand behind the same gate as the pages. Bytes of a picture are served as what they were found
to be, never as what somebody said.
"""

from __future__ import annotations

import io

from fastapi import Request
from fastapi.responses import Response
from nicegui import app
from PIL import Image as Pillow

from harmo.audit.read import StoreError
from harmo.audit.records import KeptGroup
from harmo.console import lists
from harmo.console.model.group import exports
from harmo.console.model.group.kept import digest_of, of_kept
from harmo.console.model.groups.listed import as_csv as list_csv
from harmo.console.state import Console

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""What browsers are given; a picture of another kind is not served."""
_OWN = {"Cache-Control": "private, no-store"}
_LASTING = {"Cache-Control": "private, max-age=86400, immutable"}


def media_type(content: bytes) -> str | None:
    """What the bytes of a picture are, by their header; None if no kind that is served."""
    try:
        with Pillow.open(io.BytesIO(content), formats=list(MEDIA_TYPES)) as picture:
            return MEDIA_TYPES.get(str(picture.format))
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
        return None


def serve(console: Console) -> None:
    """Add the addresses of what groups and lists of them give away."""
    _serve_shown(console)
    _serve_exports(console)


def _serve_shown(console: Console) -> None:
    """Pictures and texts."""

    @app.get("/group/{number}/picture/{digest}")
    async def picture(number: int, digest: str) -> Response:
        kept = await _kept(console, number)
        images = kept.group.samples[0].images if kept and kept.group.samples else ()
        content = next((i.content for i in images if i.content and digest_of(i) == digest), b"")
        kind = media_type(content) if content else None
        if kind is None:
            return _missing("no such picture")
        return Response(content, media_type=kind, headers=_LASTING)

    @app.get("/group/{number}/text/{place}")
    async def text(number: int, place: int) -> Response:
        kept = await _kept(console, number)
        if kept is None or not 0 <= place < len(kept.group.samples):
            return _missing("no such completion")
        sample = kept.group.samples[place]
        said = sample.text.encode("utf-8", "replace")
        return Response(said, media_type="text/plain; charset=utf-8", headers=_OWN)


def _serve_exports(console: Console) -> None:
    """Request and tables."""

    @app.get("/group/{number}/request.json")
    async def asked(number: int) -> Response:
        kept = await _kept(console, number)
        if kept is None:
            return _missing("no such group")
        try:
            body = exports.as_json(exports.request_of(kept))
        except exports.NothingKeptError as error:
            return _missing(str(error))
        return _file(body, f"group-{number}.json", "application/json")

    @app.get("/groups/list.csv")
    async def listing(request: Request) -> Response:
        try:
            rows = await lists.list_of(console, lists.asked_at(request.query_params))
        except StoreError as error:
            return _missing(str(error))
        return _file(list_csv(rows), "groups.csv", "text/csv")

    @app.get("/group/{number}/table.csv")
    async def table(number: int) -> Response:
        kept = await _kept(console, number)
        if kept is None:
            return _missing("no such group")
        content = await console.read(lambda _: exports.as_csv(of_kept(kept)))
        return _file(content, f"group-{number}.csv", "text/csv")


async def _kept(console: Console, number: int) -> KeptGroup | None:
    if not 0 < number < 2**62:
        return None
    try:
        return await console.read(lambda reader: reader.group(number))
    except StoreError:
        return None


def _file(content: str, name: str, kind: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content.encode("utf-8", "replace"), media_type=kind, headers={**_OWN, **named})


def _missing(what: str) -> Response:
    return Response(f"{what}\n", 404, media_type="text/plain; charset=utf-8")
