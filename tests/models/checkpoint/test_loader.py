"""Every layout and architecture through the real path, against its own forward."""

from __future__ import annotations

import shutil

import pytest
import torch
import transformers as tf
from PIL import Image
from safetensors.torch import save_file

from harmo.models.checkpoint.files import ModelRefusedError
from harmo.models.checkpoint.loader import LoadedModel, load
from tests.models import reference, tiny
from tests.models.spoil import (
    Refusal,
    drop,
    larger_tokenizer,
    manifest,
    spoilt,
    tensors,
    two_heads,
    without_template,
)

QUESTION = {"role": "user", "content": "How many squares?"}
STEPS = ["Two are red.", "One is blue.", "So there are three."]


def conversation(model: LoadedModel, image: str = "") -> list[int]:
    """Token ids of a question and an answer in steps."""
    answer = "".join(step + "<extra_0>" for step in STEPS)
    turns = [
        {"role": "user", "content": image + QUESTION["content"]},
        {"role": "assistant", "content": answer},
    ]
    text = model.tokenizer.apply_chat_template(turns, tokenize=False)
    return model.tokenizer(text, add_special_tokens=False).input_ids


@torch.inference_mode()
def raw_values(model: LoadedModel, ids: list[int], **inputs: torch.Tensor) -> torch.Tensor:
    """What the head gives for one conversation."""
    hidden = model.backbone(input_ids=torch.tensor([ids]), **inputs).last_hidden_state[0]
    steps = [at for at, token in enumerate(ids) if token == tiny.STEP]
    rows = hidden[list(model.head.positions(ids, steps))]
    return model.head(rows, [len(rows)])[0]


@pytest.mark.parametrize("head", tiny.HEADS)
def test_every_layout_equals_its_publishers_forward(saved, head):
    model = load(saved("qwen2", head), device="cpu")
    ids = conversation(model)
    with torch.inference_mode():
        changes = {"gating_temperature": 4.0} if head in ("gated", "quantile") else {}
        base = tiny.backbone("qwen2", **changes)
        hidden = base(input_ids=torch.tensor([ids])).last_hidden_state[0]
        expected = reference.FORWARDS[head](tiny.head_tensors(head), hidden, ids)
    values = raw_values(model, ids)
    assert len(values) == len(model.manifest.aspects) == len(expected)
    torch.testing.assert_close(values, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("arch", [*tiny.TEXT, "gemma2"])
def test_every_text_architecture_equals_its_own_classifier(tmp_path, arch):
    torch.manual_seed(7)
    config = tiny.config(arch, num_labels=1)
    theirs = tf.AutoModelForSequenceClassification.from_config(config).eval()
    theirs.save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    model = load(tmp_path, device="cpu")
    ids = conversation(model)
    with torch.inference_mode():
        expected = theirs(input_ids=torch.tensor([ids])).logits[0]
    torch.testing.assert_close(raw_values(model, ids), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("arch", tiny.IMAGE)
def test_every_image_architecture_reads_text_and_image(saved, arch):
    model = load(saved(arch, "value_file"), device="cpu")
    assert model.manifest.images
    picture = Image.new("RGB", (56, 40), (200, 30, 30))
    text = tiny.IMAGE_TEXT[arch] + "How many squares?"
    inputs = dict(model.processor(images=[picture], text=[text], return_tensors="pt"))
    ids = inputs.pop("input_ids")[0].tolist()
    with torch.inference_mode():
        base = tiny.backbone(arch)
        hidden = base(input_ids=torch.tensor([ids]), **inputs).last_hidden_state[0]
        expected = reference.value(tiny.head_tensors("value_file"), hidden, ids)
        blank = dict(inputs, pixel_values=torch.full_like(inputs["pixel_values"], 0.5))
    values = raw_values(model, ids, **inputs)
    torch.testing.assert_close(values, expected, rtol=0, atol=1e-6)
    assert not torch.allclose(values, raw_values(model, ids, **blank), atol=1e-4)


@pytest.mark.parametrize("arch", tiny.IMAGE)
@pytest.mark.parametrize("prefix", ["", "model."], ids=["bare", "nested"])
def test_image_models_load_under_any_of_their_names(saved, tmp_path, arch, prefix):
    """As base models, and as newer fine-tunes of the whole are saved; `saved` has the hub's."""
    at = tmp_path / "model"
    shutil.copytree(saved(arch, "value_file"), at)
    expected = tiny.backbone(arch).state_dict()
    renamed = {f"{prefix}{key}": value.clone() for key, value in expected.items()}
    save_file(renamed, at / "model.safetensors", metadata={"format": "pt"})
    held = load(at, device="cpu").backbone.state_dict()
    assert held.keys() == expected.keys()
    assert all(torch.equal(held[key], expected[key]) for key in held)


def test_a_padded_batch_of_theirs_gives_our_scores(tmp_path):
    """Their classifier skips trailing padding tokens; so does ours, without a batch."""
    theirs = tf.Qwen2ForSequenceClassification(tiny.config("qwen2", num_labels=1)).eval()
    theirs.save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    model = load(tmp_path, device="cpu")
    long = conversation(model)
    short = long[: len(long) // 2]
    padded = short + [tiny.PAD] * (len(long) - len(short))
    mask = torch.tensor([[1] * len(long), [1] * len(short) + [0] * (len(long) - len(short))])
    with torch.inference_mode():
        expected = theirs(input_ids=torch.tensor([long, padded]), attention_mask=mask).logits
    ours = torch.stack([raw_values(model, long), raw_values(model, short)])
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_what_trls_reward_trainer_saves_is_hosted(tmp_path):
    trl = pytest.importorskip("trl", reason="trl comes with the training client")
    datasets = pytest.importorskip("datasets")

    def turns(answer: str) -> list[dict[str, str]]:
        return [QUESTION, {"role": "assistant", "content": answer}]

    theirs = tf.AutoModelForSequenceClassification.from_config(tiny.config("qwen2", num_labels=1))
    trainer = trl.RewardTrainer(
        model=theirs,
        args=trl.RewardConfig(
            output_dir=str(tmp_path),
            max_steps=1,
            per_device_train_batch_size=2,
            use_cpu=True,
            bf16=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=datasets.Dataset.from_list(
            [{"chosen": turns("three"), "rejected": turns("four")}] * 2
        ),
        processing_class=tiny.tokenizer(),
    )
    trainer.train()
    trainer.save_model(tmp_path)
    model = load(tmp_path, device="cpu")
    ids = conversation(model)
    with torch.inference_mode():
        expected = trainer.model.eval()(input_ids=torch.tensor([ids])).logits[0]
    torch.testing.assert_close(raw_values(model, ids), expected, rtol=0, atol=1e-6)


def test_shards_are_read(saved, tmp_path):
    whole = load(saved("qwen2", "scalar"), device="cpu")
    theirs = tf.AutoModelForSequenceClassification.from_pretrained(
        saved("qwen2", "scalar"), num_labels=1
    )
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    tiny.tokenizer().save_pretrained(tmp_path)
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    model = load(tmp_path, device="cpu")
    ids = conversation(model)
    torch.testing.assert_close(raw_values(model, ids), raw_values(whole, ids), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("asked", "written", "expected"),
    [
        ("auto", None, torch.float32),
        ("auto", "bfloat16", torch.bfloat16),
        ("bfloat16", None, torch.bfloat16),
        ("float32", "bfloat16", torch.float32),
    ],
    ids=["CPUs get float32", "the manifest wins", "asked for", "what is asked wins"],
)
def test_dtype_is_the_backbones_and_heads_stay_float32(saved, tmp_path, asked, written, expected):
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(f"dtype: {written}\n" if written else "")
    model = load(saved("qwen2", "mlp"), device="cpu", dtype=asked, manifest=manifest)
    assert {p.dtype for p in model.backbone.parameters()} == {expected}
    assert {p.dtype for p in model.head.parameters()} == {torch.float32}
    assert model.manifest.dtype == str(expected).removeprefix("torch.")


def test_nothing_is_trained_or_dropped(saved):
    model = load(saved("qwen2", "token_steps"), device="cpu")
    modules = [*model.backbone.modules(), *model.head.modules()]
    assert not any(module.training for module in modules)
    assert not any(p.requires_grad for m in (model.backbone, model.head) for p in m.parameters())


def test_images_can_be_switched_off(saved, tmp_path):
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text("images: false\n")
    model = load(saved("llava", "value_file"), device="cpu", manifest=manifest)
    assert model.processor is None
    assert not model.manifest.images


REFUSALS: list[Refusal] = [
    ("two heads", "value_file", two_heads, r"several heads \(score., v_head.summary.\)"),
    ("a language model", "scalar", tensors(lambda t: t.pop("score.weight")), "no reward head"),
    (
        "a tokenizer of another model",
        "scalar",
        larger_tokenizer,
        "the tokenizer is not this model's",
    ),
    ("no template", "scalar", without_template, "no chat template; write one as template:"),
    (
        "tampered weights",
        "scalar",
        manifest(f"sha256: {{model.safetensors: {'ab' * 32}}}"),
        "sha256 of model.safetensors is .* the manifest says abab.*download it again",
    ),
    (
        "a file the manifest names is gone",
        "scalar",
        manifest(f"sha256: {{gone.safetensors: {'ab' * 32}}}"),
        "sha256 of gone.safetensors is None",
    ),
    (
        "more aspects than outputs",
        "scalar",
        manifest("head: vector\naspects: [a, b]"),
        "gives 1 values.*2 aspects",
    ),
    ("gating position unknown", "gated", drop("harmo.yaml"), "gating_pattern: in harmo.yaml"),
    ("no gating position", "gated", manifest("gating_pattern: ''"), "gating_pattern: in harmo"),
    (
        "a gated mean",
        "gated",
        manifest("gating_pattern: x\npooling: mean"),
        "reads the last token, not mean",
    ),
    ("a class too many", "steps", manifest("step_positive: 2"), "has 2 classes, counted from 0"),
    ("images of a text model", "scalar", manifest("images: true"), "no image processor"),
    ("a step token of two", "steps", manifest("step_token: ab"), "'ab' is not one token"),
]


@pytest.mark.parametrize(
    ("why", "head", "spoil", "message"), REFUSALS, ids=[why for why, *_ in REFUSALS]
)
def test_refused(saved, tmp_path, why, head, spoil, message):
    with pytest.raises(ModelRefusedError, match=message):
        load(spoilt(saved("qwen2", head), tmp_path, spoil), device="cpu")
