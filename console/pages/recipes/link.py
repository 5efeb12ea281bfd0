"""The address of a recipe's page."""

from __future__ import annotations

from urllib.parse import quote

from harmo.console.view.links import to


def recipe_page(name: str, **query: object) -> str:
    """The page of a recipe, of a version where `version` is named."""
    return to(f"/recipe/{quote(name, safe='', errors='replace')}", query)
