"""What is read of the text format."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from harmo.app.cli.top.exposition import labels, parse

HOSTILE = ['a"b', "a\\b", "a\nb", "} 7 {", "a=b,c", "", "\u2028 \x0b", "é漢", "\\n", ' le="1" ']


@pytest.mark.parametrize("value", HOSTILE)
def test_a_label_value_is_what_was_written(value: str) -> None:
    registry = CollectorRegistry()
    counter = Counter("harmo_x", "X", ["run", "split"], registry=registry)
    counter.labels(value, "train").inc(3)
    (sample,) = parse(generate_latest(registry).decode())["harmo_x_total"].items()
    assert dict(labels(sample[0])) == {"run": value, "split": "train"}
    assert sample[1] == 3.0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("harmo_x", "no value"),
        ("harmo_x ", "an empty one"),
        ("harmo_x one", "a word"),
        ('harmo_x{run="a"', "cut short by a proxy"),
        ("", "blank"),
        ("# harmo_x 1", "a comment"),
        ("harmo_x_created 1e9", "when a series was made, which nobody asks"),
        ('harmo_score_bucket{le="1.0"} 4', "what no figure needs"),
    ],
)
def test_what_is_no_sample_of_ours_is_passed_over(line: str, why: str) -> None:
    assert dict(parse(f"{line}\nharmo_y 2.0 1700000000000\n")) == {"harmo_y": {"": 2.0}}, why


def test_it_reads_what_the_client_library_reads() -> None:
    registry = CollectorRegistry()
    counter = Counter("harmo_x", "X", ["run"], registry=registry)
    for n in range(50):
        counter.labels(f"run-{n}").inc(n)
    text = generate_latest(registry).decode()
    theirs = {
        tuple(sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "harmo_x_total"
    }
    ours = parse(text)["harmo_x_total"]
    assert {tuple(labels(written).items()): value for written, value in ours.items()} == theirs
