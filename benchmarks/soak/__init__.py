"""Minutes of everything at once against a real server: `python -m benchmarks.soak --minutes 10`."""
