"""A hosted model on a CUDA device against the same checkpoint on the CPU; skipped without one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from harmo.models.checkpoint.loader import load
from harmo.models.hosted import serve
from tests.models import tiny
from tests.models.exactness import group, scored, values

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]


@pytest.mark.parametrize("arch", ["qwen2", "qwen3", "llama", "gemma3_text", "mistral"])
def test_a_device_gives_the_scores_of_the_cpu(tmp_path: Path, arch: str) -> None:
    directory = tiny.checkpoint(tmp_path / arch, arch=arch, head="scalar")
    asked = group("what is two and two", ("four", "five and then some more", ""))
    scores = {}
    for device in ("cpu", "cuda"):
        hosted = serve(load(directory, device=device, dtype="float32"))
        scores[device] = values(scored(hosted, asked)[0])
    assert torch.allclose(scores["cpu"], scores["cuda"], atol=1e-4)
