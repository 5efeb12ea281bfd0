"""The OpenAPI schema: what FastAPI makes of the routes, put right where it does not know better."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_NOT_OURS = ("HTTPValidationError", "ValidationError")
"""FastAPI's own body of a 422, which no route of this service sends."""


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The schema, with the bodies that scoring routes read by themselves; made once."""
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        components = schema["components"]["schemas"]
        for route in schema["paths"].values():
            for operation in route.values():
                for media in operation.get("requestBody", {}).get("content", {}).values():
                    media["schema"] = _named(media["schema"], components)
                _put_right(operation["responses"])
        for name in _NOT_OURS:
            components.pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _named(asked: dict[str, Any], components: dict[str, object]) -> dict[str, str]:
    """A reference to a body's schema, which moves among the components with its definitions."""
    components.update(asked.pop("$defs", {}))
    components[asked["title"]] = asked
    return {"$ref": f"#/components/schemas/{asked['title']}"}


def _put_right(responses: dict[str, Any]) -> None:
    for status, response in list(responses.items()):
        if response["description"] == "Successful Response":
            response["description"] = "The answer"
        for media in response.get("content", {}).values():
            if media.get("schema", {}).get("$ref", "").endswith(_NOT_OURS):
                del responses[status]
