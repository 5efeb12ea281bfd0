"""Manifests: what is inferred, what overrides it, and what may not be promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.loader import load
from harmo.models.checkpoint.manifest import Manifest, read_overrides, resolve
from tests.models.spoil import Refusal, manifest, spoilt

SCALAR = {"head": "scalar", "pooling": "last", "max_tokens": 64, "dtype": "float32"}
STEPS = {**SCALAR, "head": "steps", "pooling": "steps", "step_token": "<extra_0>"}
FITTED = {
    "n": 100,
    "ece_before": 0.2,
    "ece_after": 0.1,
    "brier_before": 0.3,
    "brier_after": 0.2,
}


def test_an_aspect_has_its_own_transform_or_the_common_one():
    manifest = Manifest.model_validate(
        {
            **SCALAR,
            "head": "vector",
            "aspects": ["helpful", "honest"],
            "transform": {"kind": "affine", "scale": 10},
            "transforms": {"honest": {"kind": "zscore", "mean": 1, "std": 1}},
        }
    )
    assert manifest.transformed([2.0, 2.0]) == (20.0, 1.0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_tokens": 1}, "max_tokens"),
        ({"dtype": "int8"}, "dtype"),
        ({"head": "judge"}, "head"),
        ({"aspects": []}, "aspects"),
        ({"aspects": ["a", "a"]}, "unique"),
        ({"aspects": ["not a name"]}, "aspects"),
        ({"aspects": ["a", "b"]}, "scalar has one output, not a, b"),
        ({"transforms": {"other": {"kind": "identity"}}}, "'other'.*not among the aspects"),
        ({"transform": {"kind": "sigmoid", "scale": 0}}, "scale"),
        ({"transform": {"kind": "sigmoid", "scale": -1}}, "scale"),
        ({"transform": {"kind": "sigmoid", "slope": 1}}, "slope"),
        ({"transform": {"kind": "affine", "shift": float("nan")}}, "shift"),
        ({"transform": {"kind": "zscore", "mean": 0, "std": 0}}, "std"),
        ({"transform": {"kind": "isotonic", "x": [1, 1], "y": [0, 1]}}, "strictly ascending"),
        ({"transform": {"kind": "isotonic", "x": [0, 1], "y": [1, 0]}}, "ascending"),
        ({"transform": {"kind": "isotonic", "x": [0, 1], "y": [1]}}, "2 knots and y has 1"),
        ({"transform": {"kind": "isotonic", "x": [0], "y": [1.5]}}, "y"),
        ({"transform": {"kind": "par", "references": []}}, "references"),
        ({"transform": {"kind": "cube"}}, "transform"),
        ({"meaning": "unit"}, "needs transforms into .*reward: identity"),
        ({"meaning": "unit", "transform": {"kind": "affine", "low": 0}}, "needs transforms"),
        ({"meaning": "p_correct", "transform": {"kind": "sigmoid"}}, "needs calibration"),
        ({"head": "steps"}, "go together"),
        ({"head": "steps", "pooling": "steps"}, "needs step_token"),
        ({"step_separator": ""}, "step_separator"),
    ],
)
def test_a_manifest_that_promises_too_much_is_refused(fields, message):
    with pytest.raises(ModelRefusedError, match=f"harmo.yaml: .*{message}"):
        resolve(SCALAR, fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"meaning": "unit", "transform": {"kind": "sigmoid"}},
        {"meaning": "unit", "transform": {"kind": "affine", "low": 0, "high": 1}},
        {"meaning": "p_correct", "transform": {"kind": "sigmoid"}, "calibration": FITTED},
        {**STEPS, "meaning": "unit"},
    ],
    ids=["sigmoid", "cut affine", "fitted", "steps are probabilities"],
)
def test_promises_that_are_kept(fields):
    assert resolve(SCALAR, fields).meaning == fields["meaning"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb", ["a", "b"]),
        ("a\n\n\n\nb\n\n", ["a", "b"]),
        ("a", ["a"]),
        ("", [""]),
        ("\n\n \n\n", [""]),
    ],
)
def test_a_completion_has_at_least_one_step(text, expected):
    assert Manifest.model_validate(STEPS).steps(text) == expected


def test_an_empty_manifest_file_changes_nothing(tmp_path):
    (tmp_path / "harmo.yaml").write_text("# nothing\n")
    assert read_overrides(tmp_path / "harmo.yaml") == {}


def test_the_manifests_in_the_docs_are_manifests():
    page = Path(__file__).parents[3] / "docs" / "reward-models.md"
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    fragments = [fields for fields in map(yaml.safe_load, blocks) if "name" not in fields]
    assert len(fragments) == 2
    for fields in fragments:
        manifest = resolve(SCALAR, fields)
        assert manifest.model_fields_set >= set(fields)


REFUSALS: list[Refusal] = [
    ("manifest not YAML", "scalar", manifest("a: ["), "harmo.yaml: not YAML at line 1, column 5"),
    ("manifest a list", "scalar", manifest("- 1"), "a manifest is a mapping"),
    ("manifest field unknown", "scalar", manifest("pool: last"), "harmo.yaml: pool"),
    ("step token unknown", "token_steps", manifest("step_token: null"), "needs step_token"),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")
