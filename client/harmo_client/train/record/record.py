"""All that a run leaves to look at, put together: who watches, who draws, who sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from harmo_client import wire
from harmo_client.adapters.core import ranks
from harmo_client.adapters.core.hub import Posted
from harmo_client.train.config import TrainConfig
from harmo_client.train.record.completions import CompletionsTable
from harmo_client.train.record.curves import CurvesCallback, panels_of
from harmo_client.train.record.metrics import MetricsLog
from harmo_client.train.record.outages import Outages
from harmo_client.train.record.progress import ProgressBar, accuracy_key
from harmo_client.train.record.rollouts import Rollouts
from harmo_client.train.record.summary import print_summary
from harmo_client.train.record.tally import Tally

if TYPE_CHECKING:
    from transformers import TrainerCallback


class Record:
    """The observers of one run."""

    def __init__(
        self, config: TrainConfig, page: wire.RecipePage, *, rollouts: bool, resumed: bool = False
    ) -> None:
        self._config = config
        self._page = page
        self._console = Console()
        self._rollouts = Rollouts(config.output_dir / "rollouts", keep=rollouts)
        self._outages = Outages(config.output_dir / "outages.jsonl")
        self._bar = ProgressBar(self._console, accuracy_key(page.columns))
        self.tally = Tally(stop_after=config.service.stop_after_unscored, learned=resumed)

    def watch(self, posted: Posted) -> None:
        """Keep and count one generation; raises NothingScoredError where it is one too many."""
        # Kept first: whoever stops a run points to its rollouts.
        self._rollouts.keep(posted)
        self._outages.keep(posted)
        self.tally.count(posted)

    def callbacks(self) -> list[TrainerCallback]:
        """What the trainer is to call."""
        out, every = self._config.output_dir, self._config.curves_every
        rows = self._config.show_completions
        panels = panels_of(self._page.columns)
        title = f"{self._config.run_name}: recipe {self._page.name}"
        return [
            self._bar,
            MetricsLog(out / "metrics.jsonl", self.tally),
            CurvesCallback(out, panels, title=title, every=every),
            CompletionsTable(out / "completions", self._console, every=every, rows=rows),
            self._rollouts,
            self._outages,
        ]

    def summarise(self) -> None:
        """Say what the run came to and where everything lies; only the first rank speaks."""
        if ranks.rank() == 0:
            print_summary(
                self._console, self._config.output_dir, self._page.columns, self._page.name
            )

    def close(self) -> None:
        """Give the terminal back; also after a run that ended early."""
        self._bar.close()
