"""What a scrape says, by name and labels."""

from __future__ import annotations

import re

import httpx

_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Scraped:
    """One scrape. Read by two expressions: the client library's parser takes a second for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._series = {
            (name, frozenset(_LABEL.findall(labels))): float(value)
            for name, labels, value in _SAMPLE.findall(text)
        }

    def value(self, name: str, **labels: str) -> float | None:
        """One sample's value; None if there is none."""
        return self._series.get((name, frozenset(labels.items())))

    def labels(self, name: str) -> list[dict[str, str]]:
        """The labels of every sample of a name."""
        return [dict(labels) for known, labels in self._series if known == name]

    def names(self) -> set[str]:
        """Every sample's name."""
        return {name for name, _ in self._series}


async def scraped(http: httpx.AsyncClient) -> Scraped:
    answer = await http.get("/metrics")
    assert answer.status_code == 200, answer.text
    return Scraped(answer.text)
