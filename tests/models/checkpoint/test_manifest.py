"""Manifests: what is inferred, what overrides it, and what may not be promised."""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path

import pytest
import yaml

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.inspect import inspect
from harmo.models.checkpoint.loader import load
from harmo.models.checkpoint.manifest import Manifest, read_overrides, resolve
from harmo.models.transform import logistic
from tests.models import tiny

SCALAR = {"head": "scalar", "pooling": "last", "max_tokens": 64, "dtype": "float32"}
STEPS = {**SCALAR, "head": "steps", "pooling": "steps", "step_token": "<extra_0>"}
FITTED = {
    "n": 100,
    "ece_before": 0.2,
    "ece_after": 0.1,
    "brier_before": 0.3,
    "brier_after": 0.2,
}


@pytest.mark.parametrize(
    ("transform", "pairs", "why"),
    [
        ({"kind": "identity"}, {-3.5: -3.5}, "as it is"),
        ({"kind": "sigmoid"}, {0: 0.5, 1e4: 1.0, -1e4: 0.0}, "no overflow at either end"),
        ({"kind": "sigmoid", "scale": 2, "shift": -1}, {1: logistic(1)}, "scale then shift"),
        ({"kind": "affine", "scale": 2, "shift": 1}, {3: 7, -3: -5}, "no cut unless asked"),
        ({"kind": "affine", "low": 0, "high": 1}, {-1: 0, 0.5: 0.5, 2: 1}, "cut at both ends"),
        ({"kind": "zscore", "mean": 1, "std": 2}, {1: 0, 5: 2}, "frozen statistics"),
        (
            {"kind": "isotonic", "x": [0, 1, 3], "y": [0.1, 0.5, 0.9]},
            {-9: 0.1, 0: 0.1, 0.5: 0.3, 1: 0.5, 2: 0.7, 3: 0.9, 9: 0.9},
            "linear between knots, flat outside",
        ),
        ({"kind": "quantile", "x": [2], "y": [0.5]}, {1: 0.5, 2: 0.5, 3: 0.5}, "one knot"),
        (
            {"kind": "par", "references": [0.2, 1.2, -0.8]},
            {1.2: 0.703952},
            "the mean over references",
        ),
    ],
)
def test_transforms(transform, pairs, why):
    manifest = Manifest.model_validate({**SCALAR, "transform": transform})
    for raw, expected in pairs.items():
        (value,) = manifest.transformed([raw])
        assert value == pytest.approx(expected, abs=1e-6), why
        assert math.isfinite(value)


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


@pytest.mark.parametrize("head", tiny.HEADS)
def test_a_draft_is_a_manifest_once_its_questions_are_answered(saved, tmp_path, head):
    inspection = inspect(saved("qwen2", head))
    draft = tmp_path / "draft.yaml"
    answers = {**yaml.safe_load(inspection.draft), **tiny.MANIFESTS.get(head, {})}
    draft.write_text(yaml.safe_dump(answers))
    drafted = load(saved("qwen2", head), device="cpu", manifest=draft).manifest
    inferred = load(saved("qwen2", head), device="cpu").manifest
    assert drafted.model_copy(update={"sha256": {}}) == inferred
    assert set(drafted.sha256) == {path.name for path in saved("qwen2", head).glob("*.safetensors")}
    assert all(f"# ? {question}\n" in inspection.draft for question in inspection.could_not_tell)


@pytest.mark.parametrize(
    ("head", "question"),
    [
        ("gated", "gating_pattern"),
        ("steps", "step_reduce"),
    ],
)
def test_inspection_says_what_it_could_not_tell(saved, head, question):
    assert any(question in line for line in inspect(saved("qwen2", head)).could_not_tell)


def test_a_step_token_that_is_nowhere_is_a_question(saved, tmp_path):
    at = tmp_path / "model"
    shutil.copytree(saved("qwen2", "steps"), at)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (at / name).write_text((at / name).read_text().replace("<extra_0>", "<other>"))
    assert "step_token: which token ends a step" in inspect(at).could_not_tell
    with pytest.raises(ModelRefusedError, match="needs step_token"):
        load(at, device="cpu")
    (at / "harmo.yaml").write_text("step_token: <other>\n")
    assert load(at, device="cpu").manifest.step_token == "<other>"


def test_inspection_says_what_it_found(saved):
    (found,) = inspect(saved("qwen2", "scalar")).found
    assert found == "qwen2 backbone; linear head score.* of 1"


def test_the_manifests_in_the_docs_are_manifests():
    page = Path(__file__).parents[3] / "docs" / "reward-models.md"
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    fragments = [fields for fields in map(yaml.safe_load, blocks) if "name" not in fields]
    assert len(fragments) == 2
    for fields in fragments:
        manifest = resolve(SCALAR, fields)
        assert manifest.model_fields_set >= set(fields)
