"""Reward models on a GPU: the share of the machine's own matrix rate, `-m benchmarks.reward_gpu`.

Random Qwen2-shaped models in bfloat16. The roof is the time that the shared work would take at the
rate of one large matrix product, measured in the same call: with N weights outside the embedding,
L layers, heads of width A together, a prompt of P and G completions of S tokens,
2 N (P + G S) + 4 L A (P^2 / 2 + G (S P + S^2 / 2)) operations.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from dataclasses import dataclass

import torch
from transformers import Qwen2Config, Qwen2Model

from benchmarks.reward_model import Load
from harmo.models.checkpoint.heads import LastHead
from harmo.models.forward.backbone import Backbone
from harmo.models.forward.rungs import values
from harmo.models.forward.selftest import Subject, choose_rung
from harmo.models.forward.token_group import TokenGroup

BATCH_TOKENS = 32768


@dataclass(frozen=True, slots=True)
class Shape:
    """A published model's dimensions."""

    name: str
    hidden: int
    layers: int
    inter: int
    heads: int
    kv_heads: int


SHAPES = (
    Shape("0.5B", 896, 24, 4864, 14, 2),
    Shape("3B", 2048, 36, 11008, 16, 2),
    Shape("8B", 4096, 32, 14336, 32, 8),
)
LOADS = (
    Load(prompt=512, shortest=288, longest=288, group=8),
    Load(prompt=2048, shortest=512, longest=512, group=16),
)


def matrix_rate() -> float:
    """Operations per second of a bfloat16 product of 8192 by 8192 matrices."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * 8192**3 / _seconds(lambda: a @ b, repeats=20)


def shared_operations(shape: Shape, weights: int, groups: list[TokenGroup]) -> float:
    """What one forward pass over the groups must compute."""
    total = 0.0
    for group in groups:
        prompt = len(group.prompt)
        pairs = prompt**2 / 2
        pairs += sum(len(s) * prompt + len(s) ** 2 / 2 for s in group.suffixes)
        total += 2 * weights * group.tokens + 4 * shape.layers * shape.hidden * pairs
    return total


def _seconds(run: object, *, repeats: int) -> float:
    for _ in range(3):
        run()
    torch.cuda.synchronize()
    times = []
    for _ in range(repeats):
        started_s = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - started_s)
    return statistics.median(times)


@torch.inference_mode()
def measure(shape: Shape, load: Load, rate: float) -> None:
    """Print one row."""
    config = Qwen2Config(
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        intermediate_size=shape.inter,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        vocab_size=32000,
        max_position_embeddings=8192,
    )
    torch.manual_seed(0)
    with torch.device("cuda"):
        module = Qwen2Model._from_config(config, dtype=torch.bfloat16).eval()
        head = LastHead(torch.nn.Linear(shape.hidden, 1, bias=False), pad_token_id=None)
    weights = sum(w.numel() for n, w in module.named_parameters() if "embed_tokens" not in n)
    backbone = Backbone(module, device=torch.device("cuda"))
    rng = random.Random(0)
    groups = load.token_groups(rng, vocabulary=32000)
    while sum(group.tokens for group in groups) > BATCH_TOKENS:
        groups.pop()
    subject = Subject(
        backbone=backbone, head=head, groups=tuple(groups[:1]), max_tokens=BATCH_TOKENS
    )
    rung = choose_rung(subject)
    seconds = _seconds(
        lambda: values(backbone, head, rung, groups, max_tokens=BATCH_TOKENS), repeats=10
    )
    roof_s = shared_operations(shape, weights, groups) / rate
    kernel = "flash over segments" if backbone.kernel else "SDPA per segment"
    print(
        f"| {shape.name} | P{load.prompt} S{load.longest} G{load.group} | {rung} | {kernel}"
        f" | {len(groups) * load.group / seconds:.0f} | {roof_s / seconds:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="*", default=[shape.name for shape in SHAPES])
    given = parser.parse_args()
    if not torch.cuda.is_available():
        print("no CUDA device here: the GPU table is skipped")
        return
    rate = matrix_rate()
    print(f"{torch.cuda.get_device_name()}, {rate / 1e12:.0f}e12 operations/s in bfloat16")
    print("| model | load | rung | attention | conversations/s | of the roof |")
    print("|---|---|---|---|---|---|")
    for shape in SHAPES:
        for load in LOADS:
            if shape.name in given.shapes:
                measure(shape, load, rate)
                torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
