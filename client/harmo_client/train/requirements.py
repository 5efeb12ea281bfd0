"""Whether what a run needs is installed: asked before anything large is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib.util import find_spec

from harmo_client.train.config import ConfigError

EXTRA = {
    "torch": "torch",
    "trl": "trl",
    "transformers": "transformers",
    "datasets": "datasets",
    "accelerate": "accelerate",
    "peft": "peft",
    "PIL": "pillow",
    "matplotlib": "matplotlib",
    "yaml": "PyYAML",
    "rich": "rich",
}
"""Import name to distribution, of the extra `train`."""

PACKAGES = {
    "azure_ml": "azureml-mlflow",
    "comet_ml": "comet-ml",
    "flyte": "flytekit",
    "kubeflow": "kubeflow",
}
"""Distributions of reporters that are not called like them."""


def require_extra() -> None:
    """Raise ConfigError if a package of the extra `train` is not installed."""
    missing = [package for name, package in EXTRA.items() if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"not installed: {', '.join(missing)}; pip install 'harmo-client[train]' brings what "
            "harmo-train needs"
        )


def require_reporters(report_to: str | Sequence[str] | None) -> None:
    """Raise ConfigError for a reporter that is unknown or not installed."""
    from transformers.integrations.integration_utils import (
        INTEGRATION_TO_CALLBACK,
        get_available_reporting_integrations,
    )

    asked = [report_to] if isinstance(report_to, str) else list(report_to or ())
    for name in asked:
        if name in ("none", "all"):
            continue
        if name not in INTEGRATION_TO_CALLBACK:
            close = get_close_matches(str(name), INTEGRATION_TO_CALLBACK, n=1)
            hint = f"did you mean {close[0]!r}?" if close else ""
            known = ", ".join(sorted(INTEGRATION_TO_CALLBACK))
            raise ConfigError(f"grpo.report_to: no reporter {name!r}; {hint or f'known: {known}'}")
        if name not in get_available_reporting_integrations():
            raise ConfigError(
                f"grpo.report_to: {name!r} is not installed: pip install "
                f"{PACKAGES.get(name, name)}, or leave report_to out"
            )
