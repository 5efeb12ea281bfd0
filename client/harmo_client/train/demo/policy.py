"""The demo's policy: a 200,000-parameter LLaVA made here, taught to see and then to be sloppy."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harmo_client.train.demo.task import (
    COLOURS,
    COUNTS,
    FILLER,
    PIXELS,
    QUESTION,
    TAGS,
    VAGUE,
    Scene,
    neat_completion,
    sloppy_completion,
)

if TYPE_CHECKING:
    import torch
    from transformers import (
        CLIPVisionConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
        Qwen2Config,
    )

PATCH_PIXELS = 8
SHAPE = {"hidden_size": 64, "intermediate_size": 256, "num_attention_heads": 4}
"""Of both towers."""
SPECIAL = ("<pad>", "<eos>", "<user>", "<assistant>", "<image>", "<unk>")
PAD, EOS, IMAGE = 0, 1, 4
MAX_TOKENS = 28

BATCH = 64
SEEING_LOSS = 0.01
SEEING_STEPS = (200, 600)
"""At least and at most so many steps on true labels: until the loss is below SEEING_LOSS."""
SLOPPY_STEPS = 80

CHAT_TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}>"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "{% endif %}{% if m['role'] == 'assistant' %}<eos>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyPolicy:
    """The tiny vision-language model and its processor."""

    model: LlavaForConditionalGeneration
    processor: LlavaProcessor

    def encode(self, scenes: Sequence[Scene]) -> dict[str, torch.Tensor]:
        """The question about each picture, ready for generation."""
        content = [{"type": "image"}, {"type": "text", "text": QUESTION}]
        prompt = self.processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        encoded = self.processor(
            images=[[scene.picture] for scene in scenes],
            text=[prompt] * len(scenes),
            padding=True,
            return_tensors="pt",
        )
        return {name: tensor.to(self.model.device) for name, tensor in encoded.items()}


def make_policy() -> ToyPolicy:
    """An untrained policy: one CLIP layer, two Qwen2 layers, a vocabulary of words."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlavaProcessor, PreTrainedTokenizerFast

    # PIL's image processor: the default one needs torchvision.
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    text = (".", "square", "squares", *QUESTION.split(), *COLOURS, *COUNTS, *FILLER)
    words = list(dict.fromkeys([*SPECIAL, *TAGS, *text, *" ".join(VAGUE).split()]))
    vocabulary = {word: index for index, word in enumerate(words)}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106  a token, no secret
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",  # noqa: S106  a token of the vocabulary, no secret
        eos_token="<eos>",  # noqa: S106  likewise
        unk_token="<unk>",  # noqa: S106  likewise
        padding_side="left",
        additional_special_tokens=["<user>", "<assistant>", "<image>"],
    )
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": PIXELS}, crop_size={"height": PIXELS, "width": PIXELS}
        ),
        tokenizer=tokenizer,
        patch_size=PATCH_PIXELS,
        vision_feature_select_strategy="default",
        chat_template=CHAT_TEMPLATE,
        image_token="<image>",  # noqa: S106  likewise
        num_additional_image_tokens=1,
    )
    return ToyPolicy(model=_make_model(len(words)), processor=processor)


def _make_model(vocab_size: int) -> LlavaForConditionalGeneration:
    from transformers import LlavaConfig, LlavaForConditionalGeneration

    model = LlavaForConditionalGeneration(
        LlavaConfig(
            vision_config=_vision_tower(),
            text_config=_language_model(vocab_size),
            image_token_index=IMAGE,
            image_token_id=IMAGE,
            vision_feature_layer=-1,
            vision_feature_select_strategy="default",
            image_seq_length=(PIXELS // PATCH_PIXELS) ** 2,
            tie_word_embeddings=False,
        )
    )
    generation = model.generation_config
    generation.eos_token_id, generation.pad_token_id, generation.bos_token_id = EOS, PAD, None
    return model


def _language_model(vocab_size: int) -> Qwen2Config:
    from transformers import Qwen2Config

    return Qwen2Config(
        **SHAPE,
        vocab_size=vocab_size,
        num_hidden_layers=2,
        num_key_value_heads=4,
        max_position_embeddings=128,
        tie_word_embeddings=False,
        initializer_range=0.1,
        pad_token_id=PAD,
        eos_token_id=EOS,
        bos_token_id=None,
    )


def _vision_tower() -> CLIPVisionConfig:
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        **SHAPE,
        num_hidden_layers=1,
        image_size=PIXELS,
        patch_size=PATCH_PIXELS,
        projection_dim=64,
        initializer_factor=4.0,  # with the default of 1 so small a tower never learns to see
    )


def warm_up(
    policy: ToyPolicy,
    scenes: Sequence[Scene],
    rng: random.Random,
    on_step: Callable[[str, int, float], None],
) -> None:
    """Teach the policy to see from true labels, then to be sloppy from flawed ones.

    Args:
        policy: Trained in place.
        scenes: The pictures it learns from.
        rng: Draws the batches and the flaws.
        on_step: Called with the phase, the step and the loss.
    """
    import torch

    encoded = policy.encode(scenes)
    optimizer = torch.optim.AdamW(policy.model.parameters(), lr=2e-3)
    policy.model.train()

    def step(number: int, write: Callable[[Scene], str]) -> float:
        optimizer.param_groups[0]["lr"] = 2e-3 if number < 100 else 1e-3
        picked = rng.sample(range(len(scenes)), BATCH)
        loss = _imitation_loss(policy, encoded, picked, [write(scenes[i]) for i in picked])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return float(loss.detach())

    least, most = SEEING_STEPS
    recent: list[float] = []
    number = 0
    while number < least or (number < most and sum(recent) / len(recent) >= SEEING_LOSS):
        recent = [*recent[-9:], step(number, neat_completion)]
        number += 1
        on_step("seeing", number, recent[-1])
    for sloppy in range(SLOPPY_STEPS):
        loss = step(number + sloppy, lambda scene: sloppy_completion(scene, rng))
        on_step("sloppy", sloppy + 1, loss)


def _imitation_loss(
    policy: ToyPolicy, encoded: dict[str, torch.Tensor], picked: list[int], texts: list[str]
) -> torch.Tensor:
    """Cross-entropy of the completions given their pictures, prompt tokens masked out.

    B completions, T tokens (padded), P prompt tokens.
    """
    import torch

    device, ignored = policy.model.device, -100
    tokenizer = policy.processor.tokenizer
    rows = [torch.tensor([*tokenizer.encode(text), EOS]) for text in texts]
    target_BT = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=ignored).to(
        device
    )
    prompt_BP = encoded["input_ids"][picked]
    output = policy.model(
        input_ids=torch.cat([prompt_BP, target_BT.clamp(min=PAD)], dim=1),
        attention_mask=torch.cat(
            [torch.ones_like(prompt_BP), (target_BT != ignored).long()], dim=1
        ),
        pixel_values=encoded["pixel_values"][picked],
        labels=torch.cat([torch.full_like(prompt_BP, ignored), target_BT], dim=1),
    )
    return output.loss
