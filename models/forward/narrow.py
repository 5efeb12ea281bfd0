"""The last layer where it is read: its output elsewhere reaches nothing but unread rows.

With the read rows of a plan known beforehand, the last layer's projections of queries and outputs
and its MLP run on those rows only; keys and values are still made for all. In a model of L layers
this saves close to 1/L of the matrix work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from harmo.models.forward.group_attention import active

_ROW_WISE = ("self_attn.q_proj", "self_attn.o_proj", "mlp")


def narrow_last_layer(decoder: nn.Module) -> int | None:
    """Make the last layer follow the plans' `rows`.

    Args:
        decoder: With `layers`; changed in place, however often it is asked for.

    Returns:
        The layer's index, or None if it is not built like Llama's.
    """
    layers = getattr(decoder, "layers", None)
    if not isinstance(layers, nn.ModuleList) or not len(layers):
        return None
    last = layers[-1]
    parts = {name: module for name, module in last.named_modules() if name in _ROW_WISE}
    if len(parts) < len(_ROW_WISE):
        return None
    for module in parts.values():
        if not isinstance(module.forward, partial):
            module.forward = partial(_on_read_rows, module.forward)
    index = getattr(last.self_attn, "layer_idx", None)
    return index if isinstance(index, int) else None


def _on_read_rows(forward: Callable[[Tensor], Tensor], hidden_BTD: Tensor) -> Tensor:
    """`forward` of the read rows among zeros; of everything where no plan narrows."""
    plan = active()
    if plan is None or plan.rows is None:
        return forward(hidden_BTD)
    read_BND = forward(hidden_BTD[:, plan.rows])
    out_BTD = read_BND.new_zeros(*hidden_BTD.shape[:2], read_BND.shape[-1])
    out_BTD[:, plan.rows] = read_BND
    return out_BTD
