"""Audit signals: what to look into, no proof and no early warning."""

from __future__ import annotations

from deploy.grafana.panels import COUNT, PLAIN, RATIO, About, Panel, lines
from deploy.grafana.queries import signal


def panels() -> list[Panel]:
    """The row, from left to right."""
    return [
        lines(
            About(
                title="Model against rule (AUC)",
                shows="How often the model's column ranks a right completion above a wrong one, as"
                " the rule sees it. 0.5 is chance.",
                wrong="falling: the model tells right from wrong less well for what this policy"
                " writes now. Read some completions it scores high.",
                unit=PLAIN,
                width=8,
                low=0,
                high=1,
                decimals=2,
                empty="no model and rule",
            ),
            signal("model_auc"),
        ),
        lines(
            About(
                title="Model high, rule wrong",
                shows="Share of completions that the model likes and the rule calls wrong.",
                wrong="rising with the reward is the plainest sign of a fooled model: read those.",
                unit=RATIO,
                width=8,
                low=0,
                empty="no model and rule",
            ),
            signal("fooled_ratio"),
        ),
        lines(
            About(
                title="Length and score",
                shows="Rank correlation of tokens with each column, and with the reward, within"
                " groups.",
                wrong="above 0.5 longer is better paid: add a length term, or see what the judge"
                " likes.",
                unit=PLAIN,
                width=8,
                low=-1,
                high=1,
                decimals=2,
                empty="too few groups yet",
            ),
            signal("length_correlation"),
        ),
        lines(
            About(
                title="Drift of model scores",
                shows="How far a model's scores are from those of the run's first groups (PSI)."
                " A run that learns passes 0.2; a jump is another thing.",
                wrong="read what is scored so high, with *Model against rule (AUC)* beside it.",
                unit=PLAIN,
                width=8,
                limits={0.5: "red"},
                low=0,
                decimals=2,
                empty="no model",
            ),
            signal("drift"),
        ),
        lines(
            About(
                title="Shadow against reward",
                shows="Rank correlation of a shadow column with the trained reward, within groups.",
                wrong="falling while the reward climbs: the policy gains what the held-out judge"
                " does not see.",
                unit=PLAIN,
                width=8,
                low=-1,
                high=1,
                decimals=2,
                empty="no shadow column",
            ),
            signal("shadow_correlation"),
        ),
        lines(
            About(
                title="Duplicates and truncation",
                shows="Share of siblings with the same text, and of completions cut at their"
                " length.",
                wrong="duplicates above 25%: the policy has collapsed or samples too coldly."
                " Truncation: raise the trainer's token limit.",
                unit=RATIO,
                width=8,
                limits={0.25: "red"},
                low=0,
                high=1,
                empty="too few groups yet",
            ),
            signal("duplicate_siblings_ratio", "duplicates: ", by="recipe, run"),
            signal("truncated_ratio", "truncated: ", by="recipe, run"),
        ),
        lines(
            About(
                title="Abstained",
                shows="Share of scores that a column did not give.",
                wrong="a change of 10 points: see *Abstentions* for the reason.",
                unit=RATIO,
                width=12,
                low=0,
                high=1,
                empty="too few groups yet",
            ),
            signal("abstained_ratio"),
        ),
        lines(
            About(
                title="Groups in the window",
                shows="How many groups these signals are made of.",
                wrong="few groups make noisy signals: wait before you act on one.",
                unit=COUNT,
                width=12,
                low=0,
                empty="no training run",
            ),
            signal("groups", by="recipe, run"),
        ),
    ]
