"""The service as a run sees it: reachable, willing, and the same as before where it resumes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from harmo_client.train.serving.running import AUDIT_FOLDER, LOG_FILE, running_service

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


@contextmanager
def serving(config: TrainConfig) -> Iterator[str]:
    """Address of the run's service: the one that is named, or one that runs until the block ends.

    Several processes share the one of the first. Raises ServiceFailedError, on every rank alike, if
    it does not come up.
    """
    serve = config.service.serve
    if serve is None:
        yield config.service.url
        return
    with ExitStack() as running:

        def start(_: object) -> str:
            return running.enter_context(running_service(serve, config.output_dir))

        url = ranks.settle_once(lambda: None, start)
        if ranks.rank() == 0:
            audit = config.output_dir / AUDIT_FOLDER
            kept = f"; keeps what it scores in {audit}" if serve.audit else ""
            print(f"harmo serve at {url}, log in {config.output_dir / LOG_FILE}{kept}", flush=True)
        yield url


def tell_where_kept(config: TrainConfig) -> None:
    """Say how to see what was paid, where the run's own service kept it."""
    serve = config.service.serve
    if ranks.rank() == 0 and serve is not None and serve.audit:
        audit = config.output_dir / AUDIT_FOLDER
        print(f"what was paid, group by group: harmo console --audit {audit}", flush=True)


def connect(config: TrainConfig, url: str) -> RewardClient:
    """A client that waits as long as the config says, held to what an earlier part has seen."""
    service = config.service
    pin = _read_pin(config.output_dir / RECIPE_FILE) if config.resume else None
    return RewardClient(
        url,
        api_key=service.api_key,
        retry_for_s=service.retry_budget_s,
        allow_version_change=service.allow_version_change,
        pinned={(config.run_name, service.recipe): pin} if pin else {},
    )


def ask_recipe(client: RewardClient, config: TrainConfig, url: str) -> wire.RecipePage:
    """The recipe with its columns; a wrong name or key fails here, before anything is trained.

    The first process asks, as it does for rewards; every rank returns or raises the same.

    Raises ConfigError if the service refuses this run or is not the one it started with, and
    NeverAnsweredError if it does not answer.
    """
    told = ranks.settle_once(lambda: None, lambda _: _told(client, config, url))
    if isinstance(told, Exception):
        raise told
    return told


def _told(
    client: RewardClient, config: TrainConfig, url: str
) -> wire.RecipePage | ConfigError | NeverAnsweredError:
    """The recipe, or why there is none, as a value: that travels between processes as it is."""
    try:
        if not client.ready():
            print(
                f"no answer from {url} yet: waiting up to {config.service.retry_budget_s:g} s "
                "(service.retry_budget_s). `harmo serve` starts one.",
                flush=True,
            )
        answer = client.score([], recipe=config.service.recipe, run=config.run_name)
        page = client.recipe(answer.recipe.name)
    except (BadRequestError, UnauthorisedError) as error:
        return ConfigError(f"service: {url} refuses this run: {error}")
    except VersionChangedError as error:
        return ConfigError(f"service.allow_version_change is false, and {error}")
    except HarmoError as error:
        return NeverAnsweredError(f"no rewards from {url}: {error}; nothing to save")
    seen = answer.recipe
    if (page.version, page.scorer_version) != (seen.version, seen.scorer_version):
        return ConfigError(f"service: {url} changed {seen.name!r} a moment ago: start again")
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
