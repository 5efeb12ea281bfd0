"""What is said of siblings counts once, whatever is said again, against itself or in circles."""

from __future__ import annotations

import pytest

from harmo.rewards.fit.statements import MAX_PAIRS_OF_GROUP, of_labels, settled

SAID = [
    ([(0, 1, 2, False)], [(1, 2, 1.0)], (0, 0, 0), "one"),
    ([(0, 2, 1, False)], [(2, 1, 1.0)], (0, 0, 0), "the other way"),
    ([(0, 1, 2, False)] * 3, [(1, 2, 1.0)], (2, 0, 0), "three times"),
    ([(0, 1, 2, False), (0, 2, 1, False)], [(1, 2, 0.5)], (0, 1, 0), "both ways: a tie"),
    (
        [(0, 2, 1, False), (0, 2, 1, False), (0, 1, 2, False)],
        [(2, 1, pytest.approx(2 / 3))],
        (1, 1, 0),
        "two against one",
    ),
    ([(0, 1, 2, True)], [(1, 2, 0.5)], (0, 0, 0), "a tie that was said"),
    ([(0, 1, 2, True), (0, 1, 2, False)], [(1, 2, 0.75)], (0, 1, 0), "a tie, and not"),
    ([(0, 1, 1, False)], [], (0, 0, 0), "against itself"),
    (
        [(0, 1, 2, False), (0, 2, 3, False), (0, 3, 1, False)],
        [(1, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0)],
        (0, 0, 1),
        "a circle",
    ),
    (
        [(0, 1, 2, False), (1, 2, 1, False)],
        [(1, 2, 1.0), (2, 1, 1.0)],
        (0, 0, 0),
        "of two groups: no contradiction",
    ),
    (
        [(0, 1, 2, False), (0, 2, 3, False), (0, 3, 1, True)],
        [(1, 2, 1.0), (2, 3, 1.0), (1, 3, 0.5)],
        (0, 0, 0),
        "a tie closes no circle",
    ),
]


@pytest.mark.parametrize(("said", "expected", "counts", "why"), SAID, ids=[r[3] for r in SAID])
def test_two_siblings_count_once(said, expected, counts, why):
    found = settled(said)
    assert [(p.better, p.worse, p.towards) for p in found.preferences] == expected
    assert (found.repeated, found.contradicted, found.circles) == counts


def test_labels_put_every_right_one_before_every_wrong_one_of_its_group():
    found = of_labels({0: {0: True, 1: False, 2: False}, 1: {0: True}, 2: {4: False, 5: True}})
    pairs = [(p.group, p.better, p.worse) for p in found.preferences]
    assert pairs == [(0, 0, 1), (0, 0, 2), (2, 5, 4)]


def test_a_large_group_counts_for_so_many_pairs_of_all_its_members():
    found = of_labels({0: {i: i % 2 == 0 for i in range(512)}})
    pairs = {(p.better, p.worse) for p in found.preferences}
    assert len(pairs) == len(found.preferences) == MAX_PAIRS_OF_GROUP
    assert len({better for better, _ in pairs}) == 256
    assert len({worse for _, worse in pairs}) == 256
