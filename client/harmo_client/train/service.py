"""The service as a run sees it: reachable, willing, and the same as before where it resumes."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from harmo_client import wire
from harmo_client.adapters.core import ranks
from harmo_client.client import RewardClient
from harmo_client.errors import (
    BadRequestError,
    HarmoError,
    UnauthorisedError,
    VersionChangedError,
)
from harmo_client.train.config import ConfigError, TrainConfig

RECIPE_FILE = "recipe.json"
"""The recipe that pays, with its versions: a resumed run is held to them."""


class NothingScoredError(HarmoError):
    """The service answers, but no completion gets a reward; the message says why."""

    def __init__(self, message: str, *, learned: bool = False) -> None:
        super().__init__(message)
        self.learned = learned
        """Whether earlier completions of this run had rewards."""


class RewardsLostError(Exception):
    """No rewards came any more; the message says where the checkpoint is and how to go on."""


class NeverAnsweredError(Exception):
    """The service did not answer when the run began: there is nothing to save."""


def connect(config: TrainConfig) -> RewardClient:
    """A client that waits as long as the config says, held to what an earlier part has seen."""
    service = config.service
    pin = _read_pin(config.output_dir / RECIPE_FILE) if config.resume else None
    return RewardClient(
        service.url,
        api_key=service.api_key,
        retry_for_s=service.retry_budget_s,
        allow_version_change=service.allow_version_change,
        pinned={(config.run_name, service.recipe): pin} if pin else {},
    )


def ask_recipe(client: RewardClient, config: TrainConfig) -> wire.RecipePage:
    """The recipe with its columns; a wrong name or key fails here, before anything is trained.

    Raises ConfigError if the service refuses this run or is not the one it started with, and
    NeverAnsweredError if it does not answer.
    """
    url = config.service.url
    try:
        if not client.ready() and ranks.rank() == 0:
            print(
                f"no answer from {url} yet: waiting up to {config.service.retry_budget_s:g} s "
                "(service.retry_budget_s). `harmo serve` starts one.",
                flush=True,
            )
        answer = client.score([], recipe=config.service.recipe, run=config.run_name)
        page = client.recipe(answer.recipe.name)
    except (BadRequestError, UnauthorisedError) as error:
        raise ConfigError(f"service: {url} refuses this run: {error}") from error
    except VersionChangedError as error:
        raise ConfigError(f"service.allow_version_change is false, and {error}") from error
    except HarmoError as error:
        raise NeverAnsweredError(f"no rewards from {url}: {error}; nothing to save") from error
    seen = answer.recipe
    if (page.version, page.scorer_version) != (seen.version, seen.scorer_version):
        raise ConfigError(f"service: {url} changed {seen.name!r} a moment ago: start again")
    if ranks.rank() == 0:
        config.output_dir.mkdir(parents=True, exist_ok=True)
        kept = page.model_dump_json(indent=2, exclude={"default"})
        (config.output_dir / RECIPE_FILE).write_text(kept + "\n", encoding="utf-8")
    return page


def _read_pin(path: Path) -> wire.RecipeRef | None:
    if not path.exists():
        return None
    try:
        return wire.RecipeRef.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise ConfigError(f"{path} is damaged; without it any version is accepted") from error
