"""A checkpoint's head, recognised by its tensor names and rebuilt without the checkpoint's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.heads import GatedHead, Head, LastHead, MeanHead, StepHead
from harmo.models.checkpoint.manifest import Manifest

PREFIXES = ("score.", "v_head.summary.", "v_head.", "value_head.", "reward_head.")
GATED = ("regression_layer.", "reward_transform_matrix", "gating.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which tensors of a checkpoint are its head."""

    name: Literal["linear", "mlp", "gated"]
    prefix: str
    """Of the last stack's tensor names, with the dot."""
    keys: frozenset[str]
    """Every tensor that belongs to the head."""
    outputs: int
    """Values it gives: rows of its last layer, or attributes and the gated scalar."""


def recognise(shapes: Mapping[str, tuple[int, ...]]) -> list[Layout]:
    """The heads of known names among a checkpoint's tensors; one, if all is well."""
    if "gating.layers.0.weight" in shapes and "regression_layer.weight" in shapes:
        last = max(_layers(shapes, "gating.layers."))
        gated = Layout(
            name="gated",
            prefix="regression_layer.",
            keys=frozenset(key for key in shapes if key.startswith(GATED)),
            outputs=1 + shapes[f"gating.layers.{last}.weight"][0],
        )
        return [gated, *_plain_layouts(shapes, PREFIXES)]
    return _plain_layouts(shapes, (*PREFIXES, "regression_layer."))


def _plain_layouts(shapes: Mapping[str, tuple[int, ...]], prefixes: Sequence[str]) -> list[Layout]:
    layouts = []
    for prefix in prefixes:
        layers = _layers(shapes, prefix)
        last_weight = f"{prefix}{max(layers)}.weight" if layers else prefix + "weight"
        if last_weight in shapes:
            layout = Layout(
                name="mlp" if layers else "linear",
                prefix=prefix,
                keys=frozenset(key for key in shapes if key.startswith(prefix)),
                outputs=shapes[last_weight][0],
            )
            layouts.append(layout)
    return layouts


def build(
    layout: Layout,
    manifest: Manifest,
    tensors: Mapping[str, Tensor],
    *,
    hidden_size: int,
    pad_token_id: int | None,
    gating_pattern: Sequence[int] = (),
    gating_temperature: float = 10.0,
) -> Head:
    """The head in float32 on the CPU.

    Args:
        layout: Where its tensors are.
        manifest: What it means; decides pooling and step reduction.
        tensors: At least the tensors of `layout.keys`.
        hidden_size: Of the backbone; what the first layers must take.
        pad_token_id: Skipped at the end where the manifest says `last_not_pad`.
        gating_pattern: Token ids of the manifest's `gating_pattern`.
        gating_temperature: Of the gating softmax, from the checkpoint's config.

    Returns:
        The head in eval mode, without gradients; it was run once on zeros.

    Raises:
        ModelRefusedError: If a tensor of the head is missing, left over or of a wrong shape.
    """
    left = {key: tensors[key] for key in layout.keys}
    pad = pad_token_id if manifest.pooling == "last_not_pad" else None
    rows = 2 if layout.name == "gated" else 1
    try:
        if layout.name == "gated":
            head: Head = _gated(left, pad, gating_pattern, gating_temperature)
        else:
            head = _plain(_stack(left, layout.prefix), manifest, pad)
        head = head.eval().requires_grad_(requires_grad=False)
        head(torch.zeros(rows, hidden_size), [rows])
    except (KeyError, RuntimeError, IndexError) as error:
        raise ModelRefusedError(f"the head's tensors do not fit together: {error}") from error
    if left:
        raise ModelRefusedError(
            f"the head has {len(left)} tensors of no known use, such as {min(left)}"
        )
    return head


def _plain(stack: nn.Module, manifest: Manifest, pad: int | None) -> Head:
    if manifest.pooling == "steps":
        return StepHead(stack, positive=manifest.step_positive, reduce=manifest.step_reduce)
    if manifest.pooling == "mean":
        return MeanHead(stack)
    return LastHead(stack, pad_token_id=pad)


def _gated(
    left: dict[str, Tensor], pad: int | None, pattern: Sequence[int], temperature: float
) -> GatedHead:
    gating = _stack(left, "gating.layers.")
    objectives = gating[-1].out_features
    mix_KK = left.pop("reward_transform_matrix", torch.eye(objectives)).float()
    return GatedHead(
        regression=_linear(left, "regression_layer."),
        mix_KK=mix_KK,
        gating=gating,
        temperature=temperature,
        logit_scale=left.pop("gating.logit_scale", torch.ones(1)).item(),
        pattern=pattern,
        pad_token_id=pad,
    )


def _layers(names: Mapping[str, object], prefix: str) -> list[int]:
    tails = (n.removeprefix(prefix).partition(".") for n in names if n.startswith(prefix))
    return sorted(int(index) for index, _, leaf in tails if index.isdigit() and leaf == "weight")


def _stack(left: dict[str, Tensor], prefix: str) -> nn.Sequential:
    """Linears with ReLU between, and batch norm behind the ReLU where the checkpoint has it."""
    if prefix + "weight" in left:
        return nn.Sequential(_linear(left, prefix))
    modules: list[nn.Module] = []
    *hidden, last = _layers(left, prefix)
    for index in hidden:
        at = f"{prefix}{index}."
        if at + "running_mean" in left:
            modules.append(_batch_norm(left, at))
        else:
            modules += [_linear(left, at), nn.ReLU()]
    return nn.Sequential(*modules, _linear(left, f"{prefix}{last}."))


def _linear(left: dict[str, Tensor], at: str) -> nn.Linear:
    weight, bias = left.pop(at + "weight").float(), left.pop(at + "bias", None)
    linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], bias=bias is not None)
    linear.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return linear


def _batch_norm(left: dict[str, Tensor], at: str) -> nn.BatchNorm1d:
    norm = nn.BatchNorm1d(left[at + "running_mean"].shape[0])
    norm.load_state_dict({key: left.pop(at + key, was) for key, was in norm.state_dict().items()})
    return norm
