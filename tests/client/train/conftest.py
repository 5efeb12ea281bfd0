import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.process import free_port

TOY_SERVICE = Path(__file__).with_name("toy_service.py")


class ToyService:
    """A service process on a fixed port that can die and come back."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, answers: int = -1, version: str = "1") -> None:
        command = [sys.executable, str(TOY_SERVICE), str(self._port), str(answers), version]
        self._process = subprocess.Popen(command)
        while True:
            try:
                httpx.post(f"{self.url}/score", json={"groups": []})
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return

    def start_again_once_dead(self) -> threading.Thread:
        def wait_and_start() -> None:
            self._process.wait()
            self.start()

        thread = threading.Thread(target=wait_and_start, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def service() -> Iterator[ToyService]:
    toy = ToyService()
    yield toy
    toy.stop()


@pytest.fixture(scope="session")
def text_policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen2 with a token per character, saved as a checkpoint."""
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    words = ["<pad>", "<eos>", "<user>", "<assistant>", *"0123456789+=?"]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="?"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        eos_token="<eos>",
        padding_side="left",
        additional_special_tokens=["<user>", "<assistant>"],
    )
    tokenizer.chat_template = (
        "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=64,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=None,
            tie_word_embeddings=False,
        )
    )
    folder = tmp_path_factory.mktemp("text-policy")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def write_config(tmp_path: Path, text_policy: Path, service) -> Callable[..., Path]:
    dataset = tmp_path / "sums.jsonl"
    rows = [{"prompt": f"{a}+{b}=", "reference": str(a + b)} for a in range(6) for b in range(6)]
    dataset.write_text("\n".join(map(json.dumps, rows)))

    def write(name: str, *, retry_budget_s: float = 60.0, **sections: object) -> Path:
        """A config over the defaults below; a section given replaces the whole section."""
        config = {
            "model": str(text_policy),
            "output_dir": str(tmp_path / name),
            "dataset": {"path": str(dataset)},
            "service": {"url": service.url, "recipe": "digits", "retry_budget_s": retry_budget_s},
            "curves_every": 6,
            "grpo": {
                "max_steps": 6,
                "per_device_train_batch_size": 8,
                "gradient_accumulation_steps": 2,
                "num_generations": 4,
                "max_completion_length": 4,
                "learning_rate": 1e-2,
                "save_strategy": "no",
                "use_cpu": True,
            },
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**config, **sections}))
        return path

    return write
