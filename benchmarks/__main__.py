"""`make bench`: the tables that need no environment of their own, one after the other."""

from __future__ import annotations

from benchmarks import ifeval, metrics, overhead, reward_model, verifiers


def main() -> None:
    """Print every table; the peers that need an environment have commands of their own."""
    overhead.main()
    metrics.main()
    verifiers.main()
    ifeval.main()
    reward_model.main([])


if __name__ == "__main__":
    main()
