"""Addresses: whatever a run is called, its page is found."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from harmo.console.view import links

NAMES = (
    "exp-1", "", "~", "~~", "~a", "a/b", "..", ".", "~.", "~..", "...", "a b", "a?b#c&d=e", "ünï",
    "%2F", "<script>", "a\nb", "\n", "~:a", "~:%0A",
    "//evil.example", "a\\b", "\u202eabc", "x" * 300, "+", "None",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_found_again_by_its_address(name: str) -> None:
    parts = urlsplit(links.run(name, steps="1:2"))
    assert parts.netloc == ""
    assert parts.path.startswith("/run/")
    segment = parts.path.removeprefix("/run/")
    assert "/" not in segment
    assert unquote(segment) not in (".", "..", "")
    assert links.read(unquote(segment)) == name
    assert parse_qs(parts.query) == {"steps": ["1:2"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_query_names_a_run_as_a_path_does(name: str) -> None:
    query = parse_qs(urlsplit(links.groups(run=links.written(name))).query)
    assert links.read(query["run"][0]) == name


def test_what_is_not_asked_is_left_out() -> None:
    assert links.groups(run=None, split="", steps=0) == "/groups?steps=0"
