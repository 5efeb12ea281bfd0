"""Tokenizers and image processors by transformers' own classes, with PIL only and no video."""

from __future__ import annotations

from typing import Any

from transformers import AutoImageProcessor, AutoTokenizer, PreTrainedTokenizerBase
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.processing_utils import ProcessorMixin

from harmo.models.checkpoint.files import Checkpoint, ModelRefusedError

NATIVE = {"trust_remote_code": False, "local_files_only": True}
PICTURE_FILES = ("preprocessor_config.json", "processor_config.json")
TEXT_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")


class _WithoutVideo:
    """Lets a processor stand without its video part, which needs torchvision."""

    def check_argument_for_proper_class(self, argument_name: str, argument: object) -> object:
        if argument is None:
            return type(None)
        return super().check_argument_for_proper_class(argument_name, argument)  # type: ignore[misc]  # ProcessorMixin's


def tokenizer_of(checkpoint: Checkpoint) -> tuple[PreTrainedTokenizerBase, ProcessorMixin | None]:
    """The tokenizer, and the processor of a model that takes images.

    Raises ModelRefusedError if their files are missing or need remote code.
    """
    # Without them transformers makes an empty tokenizer and says nothing.
    if not any((checkpoint.path / name).exists() for name in TEXT_FILES):
        raise ModelRefusedError(
            f"{checkpoint.path}: no tokenizer (looked for {', '.join(TEXT_FILES)}); copy that of "
            "the model it was trained from"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint.path, **NATIVE)
        return tokenizer, _processor(checkpoint, tokenizer)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise ModelRefusedError(
            f"{checkpoint.path}: its tokenizer or image processor does not load without remote "
            f"code: {error}"
        ) from error


def _processor(checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase) -> ProcessorMixin | None:
    takes_images = hasattr(checkpoint.config, "vision_config")
    if not takes_images or not any((checkpoint.path / name).exists() for name in PICTURE_FILES):
        return None
    native = PROCESSOR_MAPPING[type(checkpoint.config)]
    parts = {
        "tokenizer": tokenizer,
        "image_processor": AutoImageProcessor.from_pretrained(
            checkpoint.path, backend="pil", **NATIVE
        ),
    }
    # By the native one's name: transformers looks up by it what a processor is made of.
    silent: Any = type(native.__name__, (_WithoutVideo, native), {})
    options, _ = native.get_processor_dict(checkpoint.path, local_files_only=True)
    processor = silent.from_args_and_dict(
        [parts.get(name) for name in native.get_attributes()], options
    )
    tokenizer.chat_template = processor.chat_template or tokenizer.chat_template
    return processor
