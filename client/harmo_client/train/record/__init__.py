"""What a run leaves to look at: metrics, curves, tables, rollouts, and the closing summary."""
