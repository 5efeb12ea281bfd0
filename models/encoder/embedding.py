"""Texts and images to unit vectors, by sentence encoders and by CLIP or SigLIP.

Shapes: B sequences, T tokens (padded), D hidden size, E embedding size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoImageProcessor, PreTrainedTokenizerBase

from harmo.models.checkpoint.files import Checkpoint, ModelRefusedError
from harmo.models.checkpoint.processor import NATIVE
from harmo.models.picture import decoded
from harmo.models.tokens import encoded, tokenize_where_called

EmbeddingPooling = Literal["mean", "cls", "lasttoken", "features"]
"""Mean, first or last hidden state; or the text and image features of a two-tower model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A text or an image, ready for the device."""

    key: bytes
    """Digest of what it was made from."""
    chunks: tuple[tuple[int, ...], ...] = ()
    """Token ids of a text, special tokens included, at most `max_tokens` each."""
    unknown: float = 0.0
    """Share of [UNK] among its tokens."""
    pixels: Tensor | None = None

    @property
    def tokens(self) -> int:
        """What it costs; an image counts as one chunk of a text encoder."""
        return sum(map(len, self.chunks)) or 256


class Itemiser:
    """Tokenises texts and prepares images; safe to call from several threads.

    Special-token strings in a text stay text. A text longer than the encoder takes is cut into
    chunks of equal length, none of it is dropped.
    """

    def __init__(
        self, checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase, *, max_tokens: int
    ) -> None:
        tokenize_where_called()
        self._plain = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._plain.no_truncation()
        self._plain.no_padding()
        self._plain.encode_special_tokens = True
        self._prefix, self._suffix = _frame(tokenizer)
        self._unknown_id = tokenizer.unk_token_id
        self._room = max_tokens - len(self._prefix) - len(self._suffix)
        self._image_processor = None
        if hasattr(checkpoint.config, "vision_config"):
            self._image_processor = AutoImageProcessor.from_pretrained(
                checkpoint.path, backend="pil", **NATIVE
            )

    @property
    def takes_images(self) -> bool:
        """True of CLIP and SigLIP."""
        return self._image_processor is not None

    def text(self, text: str) -> Item:
        """The item of a text."""
        ids = encoded(self._plain, text)
        count = max(1, -(-len(ids) // self._room))
        size = max(1, -(-len(ids) // count))
        pieces = [ids[start : start + size] for start in range(0, len(ids), size)] or [[]]
        unknown = ids.count(self._unknown_id) if self._unknown_id is not None else 0
        return Item(
            key=hashlib.blake2b(text.encode(), digest_size=16).digest(),
            chunks=tuple((*self._prefix, *piece, *self._suffix) for piece in pieces),
            unknown=unknown / max(1, len(ids)),
        )

    def image(self, content: bytes) -> Item:
        """The item of an encoded image.

        Raises UnreadableImageError if it cannot be decoded, ValueError if `takes_images` is false.
        """
        if self._image_processor is None:
            raise ValueError("this encoder takes no images; host a CLIP or SigLIP one for them")
        picture = decoded(content)
        inputs = self._image_processor(images=[picture], return_tensors="pt")
        return Item(
            key=b"image" + hashlib.blake2b(content, digest_size=16).digest(),
            pixels=inputs["pixel_values"][0],
        )


def _frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Special tokens that the tokenizer puts before and after a text."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    raise ModelRefusedError(f"cannot tell the special tokens that frame a text in {whole}")


class Embedder:
    """Items to unit vectors, on one device thread.

    Args:
        backbone: transformers base model or two-tower model.
        pooling: What of its output is the embedding.
        pad_token_id: Fills up shorter texts.
        device: Where the backbone is.
        fixed_tokens: Length every text is padded to, for models trained so (SigLIP).
        max_batch_tokens: Padded tokens of one forward pass.
    """

    def __init__(
        self,
        backbone: nn.Module,
        *,
        pooling: EmbeddingPooling,
        pad_token_id: int,
        device: torch.device,
        fixed_tokens: int | None = None,
        max_batch_tokens: int = 8192,
    ) -> None:
        self._backbone = backbone
        self._pooling = pooling
        self._pad_token_id = pad_token_id
        self._device = device
        self._fixed_tokens = fixed_tokens
        self._max_batch_tokens = max_batch_tokens
        self.forwarded_tokens = 0
        """That went through it up to now, padding included; an image counts as its item does."""

    @torch.inference_mode()
    def embed(self, items: Sequence[Item]) -> list[Tensor]:
        """One unit vector [E] per item, in float32 on the CPU.

        A text of several chunks gets the mean of their embeddings weighted by their tokens: for
        mean pooling that is the mean over the whole text.
        """
        sums: list[Tensor | None] = [None] * len(items)
        owners = [at for at, item in enumerate(items) for _ in item.chunks]
        chunks = [chunk for item in items for chunk in item.chunks]
        for at, vector in zip(owners, self._texts(chunks), strict=True):
            previous = sums[at]
            sums[at] = vector if previous is None else previous + vector
        for at, item in enumerate(items):
            if item.pixels is not None:
                self.forwarded_tokens += item.tokens
                pixels = item.pixels[None].to(self._device, self._backbone.dtype)
                output = self._backbone.get_image_features(pixel_values=pixels)
                sums[at] = output.pooler_output[0].float().cpu()
        return [nn.functional.normalize(v, dim=-1) for v in sums if v is not None]

    def _texts(self, chunks: Sequence[tuple[int, ...]]) -> list[Tensor]:
        """Embeddings weighted by their number of tokens, in the order of `chunks`."""
        vectors: list[Tensor] = [torch.empty(0)] * len(chunks)
        by_length = sorted(range(len(chunks)), key=lambda at: len(chunks[at]), reverse=True)
        while by_length:
            longest = self._fixed_tokens or len(chunks[by_length[0]])
            count = max(1, self._max_batch_tokens // longest)
            batch, by_length = by_length[:count], by_length[count:]
            embedded_BE = self._forward([chunks[at] for at in batch], longest).float().cpu()
            for at, vector in zip(batch, embedded_BE, strict=True):
                vectors[at] = vector * len(chunks[at])
        return vectors

    def _forward(self, chunks: Sequence[tuple[int, ...]], longest: int) -> Tensor:
        ids_BT = torch.full((len(chunks), longest), self._pad_token_id)
        self.forwarded_tokens += ids_BT.numel()
        for row, chunk in enumerate(chunks):
            ids_BT[row, : len(chunk)] = torch.tensor(chunk)
        lengths_B = torch.tensor([len(chunk) for chunk in chunks])
        mask_BT = torch.arange(longest) < lengths_B[:, None]
        ids_BT, mask_BT = ids_BT.to(self._device), mask_BT.to(self._device)
        if self._pooling == "features":
            # SigLIP was trained without a mask, on texts padded to one length.
            mask = {} if self._fixed_tokens else {"attention_mask": mask_BT.long()}
            return nn.functional.normalize(
                self._backbone.get_text_features(input_ids=ids_BT, **mask).pooler_output, dim=-1
            )
        output = self._backbone(input_ids=ids_BT, attention_mask=mask_BT.long())
        return self._pooled(output.last_hidden_state, mask_BT)

    def _pooled(self, hidden_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        if self._pooling == "cls":
            return hidden_BTD[:, 0]
        if self._pooling == "lasttoken":
            last_B = mask_BT.sum(1) - 1
            return hidden_BTD[torch.arange(len(last_B), device=last_B.device), last_B]
        weights_BT1 = mask_BT[..., None].to(hidden_BTD.dtype)
        return (hidden_BTD * weights_BT1).sum(1) / weights_BT1.sum(1)
