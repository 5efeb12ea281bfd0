"""Pages of one file each: style and script inside, allowed by their digests and by nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

from fastapi import Response
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

_PAGES = Environment(
    loader=PackageLoader("harmo.app", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _digest(name: str) -> str:
    """A source of the content policy: this file, as it stands in every page."""
    included = _PAGES.get_template(name).render()
    return f"'sha256-{base64.b64encode(hashlib.sha256(included.encode()).digest()).decode()}'"


HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_digest('page.css')}; script-src {_digest('page.js')};"
        " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _with_code(text: str) -> Markup:
    """The text as HTML, with what stands in backquotes as code."""
    parts = [escape(part) for part in re.split("`([^`]*)`", text)]
    shown = [Markup("<code>{}</code>").format(p) if k % 2 else p for k, p in enumerate(parts)]
    return Markup().join(shown)


_PAGES.filters["code"] = _with_code


def page(name: str, headers: Mapping[str, str] | None = None, **shown: object) -> Response:
    """A page of this folder, filled in; it loads nothing else.

    Args:
        name: Of the template.
        headers: Further headers of the answer.
        **shown: What the template shows; text is escaped.
    """
    html = _PAGES.get_template(name).render(**shown)
    return Response(html, media_type="text/html", headers={**HEADERS, **(headers or {})})
