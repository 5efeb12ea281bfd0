"""A rule's score as the service gets it, without its workers."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.types import Image, Sample, Score

registry.load()
PICTURE = Image(content=b"", media_type="image/png", width=200, height=100)


@pytest.fixture
def scored():
    """A rule's score, in-process where that settles it; there is a picture of 200 by 100."""
    return _scored


def _scored(name, reference, completion, *, params=None, **fields) -> Score:
    bound = registry.bind(name, params or {})
    sample = Sample(reference=reference, completion=completion, images=(PICTURE,), **fields)
    score = bound.spec.inline(sample, **bound.params) if bound.spec.inline else None
    return score or bound.spec.fn(sample, **bound.params)
