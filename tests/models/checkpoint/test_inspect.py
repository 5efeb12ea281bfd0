"""Drafts of manifests: what was found, what is asked, and that a draft is a manifest."""

from __future__ import annotations

import shutil

import pytest
import yaml

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.inspect import inspect
from harmo.models.checkpoint.loader import load
from tests.models import tiny


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
