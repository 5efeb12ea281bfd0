"""What is the policy paid for?"""

from __future__ import annotations

from deploy.grafana.panels import PLAIN, RATIO, About, Panel, Query, bars, distribution, lines
from deploy.grafana.queries import AT, EACH, IN_COLUMN, OF, RUN, signal


def panels() -> list[Panel]:
    """The row, from left to right."""
    return [
        bars(
            About(
                title="Who makes the reward",
                shows="Each column's covariance share in the reward within groups, now: what"
                " really moves the gradient. The shares of a recipe sum to 100%; a shadow column"
                " has 0.",
                wrong="a column that should matter and has no share is constant within groups. A"
                " negative share works against the reward.",
                unit=RATIO,
                width=12,
                empty="too few groups yet",
            ),
            Query(
                f'avg by (recipe, column) (harmo_signal_reward_share{{instance=~"$instance",'
                f" {RUN}}})",
                "{{column}}: {{recipe}}",
            ),
        ),
        lines(
            About(
                title="Who makes the reward, over time",
                shows="The same shares by run.",
                wrong="a share that grows steadily: the policy found what pays. See whether it is"
                " what you want to pay for.",
                unit=RATIO,
                width=12,
                empty="too few groups yet",
            ),
            signal("reward_share", by="recipe, run, column"),
        ),
        lines(
            About(
                title="Mean reward by run",
                shows="Five-minute mean of each run.",
                wrong="a jump that no change of yours explains: look at the columns beside it.",
                unit=PLAIN,
                width=8,
                decimals=3,
            ),
            Query(f"harmo:reward:mean5m{{{OF}}}", EACH),
        ),
        lines(
            About(
                title="Spread by run",
                shows="Five-minute standard deviation of each run's rewards.",
                wrong="towards 0 the policy gets the same reward whatever it writes.",
                unit=PLAIN,
                width=8,
                low=0,
                decimals=3,
            ),
            Query(f"harmo:reward:stddev5m{{{OF}}}", EACH),
        ),
        distribution(
            About(
                title="Rewards",
                shows="How many rewards fell where.",
                wrong="all in one band: no signal. A new band at the top: see what was paid there.",
                unit=PLAIN,
                width=8,
                empty="no reward",
            ),
            Query(
                f"sum by (le) (increase(harmo_reward_bucket{{{AT}}}[$__rate_interval]))", "{{le}}"
            ),
        ),
        lines(
            About(
                title="Mean score by column",
                shows="Five-minute mean of each column, before weights.",
                wrong="one column that climbs while the others fall is what the policy games.",
                unit=PLAIN,
                width=8,
                decimals=3,
            ),
            Query(f"harmo:score:mean5m{{{OF}, {IN_COLUMN}}}", f"{{{{column}}}}: {EACH}"),
        ),
        lines(
            About(
                title="Spread by column",
                shows="Five-minute standard deviation of each column's scores.",
                wrong="a column at 0 pays everybody the same: it teaches nothing.",
                unit=PLAIN,
                width=8,
                low=0,
                decimals=3,
            ),
            Query(f"harmo:score:stddev5m{{{OF}, {IN_COLUMN}}}", f"{{{{column}}}}: {EACH}"),
        ),
        distribution(
            About(
                title="Scores of the selected columns",
                shows="How many scores fell where. Select one column above.",
                wrong="a model's scores crowded at one end tell good from bad no more.",
                unit=PLAIN,
                width=8,
                empty="no score",
            ),
            Query(
                f"sum by (le) (increase(harmo_score_bucket{{{AT}, {IN_COLUMN}}}"
                "[$__rate_interval]))",
                "{{le}}",
            ),
        ),
    ]
