"""What a checkpoint says of itself, and what nothing in it tells."""

from __future__ import annotations

import pytest

from harmo.models.checkpoint.loader import load
from tests.models import tiny


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("scalar", {"head": "scalar", "pooling": "last_not_pad"}),
        ("vector", {"head": "vector", "aspects": "helpful correct coherent complex verbose"}),
        ("value", {"head": "scalar", "pooling": "last"}),
        (
            "steps",
            {"head": "steps", "pooling": "steps", "step_token": "<extra_0>", "meaning": "unit"},
        ),
        ("gated", {"head": "vector", "gating_pattern": tiny.GATING_PATTERN}),
    ],
)
def test_what_is_inferred(saved, head, expected):
    manifest = load(saved("qwen2", head), device="cpu").manifest
    for field, value in expected.items():
        held = getattr(manifest, field)
        assert (" ".join(held) if field == "aspects" else held) == value
    assert manifest.meaning == ("unit" if head == "steps" else "raw")
    assert manifest.transform.kind == "identity"
    assert manifest.max_tokens == 4096


def test_a_gated_head_shows_its_scalar_first_and_19_attributes(saved):
    aspects = load(saved("qwen2", "gated"), device="cpu").manifest.aspects
    assert len(aspects) == 20
    assert aspects[:2] == ("reward", "helpsteer-helpfulness")
