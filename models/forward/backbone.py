"""A transformers base model with what the rungs need of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from harmo.models.forward.group_attention import NAME
from harmo.models.forward.narrow import narrow_last_layer
from harmo.models.forward.token_group import Pictures
from harmo.models.forward.varlen import flash_varlen

_TYPES_NAMES = ("mm_token_type_ids", "token_type_ids")
"""What models call the tokens' kinds, 1 for images; Gemma 3 lets those see each other."""


class Backbone:
    """Calls one model, on one device, from one thread at a time."""

    def __init__(self, module: nn.Module, *, device: torch.device) -> None:
        """Prepare the module's last layer for plans; it computes as before without one."""
        self.module = module
        self.device = device
        self.decoder: nn.Module = module.get_decoder()
        """The language model; the module itself for text models."""
        self.last_layer = narrow_last_layer(self.decoder)
        half = module.dtype in (torch.float16, torch.bfloat16)
        self.kernel = flash_varlen() if device.type == "cuda" and half else None
        config = module.config
        self._image_token_id: int | None = getattr(
            config, "image_token_id", getattr(config, "image_token_index", None)
        )
        accepted = inspect.signature(module.forward).parameters
        self.forwarded_tokens = 0
        """That went through it up to now, padding included."""
        self._types_name = next((name for name in _TYPES_NAMES if name in accepted), None)

    def hidden(
        self, ids_BT: Tensor, *, pictures: Sequence[Pictures] = (), **inputs: object
    ) -> Tensor:
        """Hidden states after the last layer, [B, T, D].

        Args:
            ids_BT: Token ids.
            pictures: Images of the rows, in order.
            **inputs: Further arguments of the forward pass; tensors may be on the CPU.

        Returns:
            `hidden_BTD` on the device.
        """
        self.forwarded_tokens += ids_BT.numel()
        if pictures:
            inputs |= self._vision(ids_BT, pictures)
        moved = {
            name: value.to(self.device, non_blocking=True) if isinstance(value, Tensor) else value
            for name, value in inputs.items()
        }
        return self.module(input_ids=ids_BT.to(self.device), **moved).last_hidden_state

    def positions(self, ids: Sequence[int], pictures: Pictures | None) -> tuple[Tensor, int]:
        """Rope positions of a conversation's start, and the one that follows it.

        Computed here, per call: the position offsets that such models keep on themselves belong
        to whichever request came last.

        Args:
            ids: Its tokens, images included.
            pictures: Its images.

        Returns:
            [1, T], or [3, 1, T] where images have positions of their own; and the next one.
        """
        if pictures is None or not hasattr(self.module, "get_rope_index"):
            return torch.arange(len(ids))[None], len(ids)
        ids_BT = torch.tensor([ids])
        positions_3BT, _ = self.module.get_rope_index(
            ids_BT,
            mm_token_type_ids=self._types(ids_BT),
            image_grid_thw=pictures.inputs["image_grid_thw"],
        )
        return positions_3BT, int(positions_3BT.max()) + 1

    @contextmanager
    def group_attention(self) -> Iterator[None]:
        """Lets the language model (not the vision tower) attend by the active plan."""
        config = self.decoder.config
        own = config._attn_implementation
        config._attn_implementation = NAME
        try:
            yield
        finally:
            config._attn_implementation = own

    def _vision(self, ids_BT: Tensor, pictures: Sequence[Pictures]) -> Mapping[str, Tensor]:
        joined = {
            name: torch.cat([picture.inputs[name] for picture in pictures])
            for name in pictures[0].inputs
        }
        if self._types_name is not None:
            joined[self._types_name] = self._types(ids_BT)
        return joined

    def _types(self, ids_BT: Tensor) -> Tensor:
        return (ids_BT == self._image_token_id).int()
