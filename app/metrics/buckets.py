"""Bounds of histograms."""

from __future__ import annotations

SECONDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
SHORT_SECONDS = (0.0001, 0.0005, *SECONDS[:14])
"""For what is often over in less than a millisecond, and never takes minutes."""
COMPLETIONS = tuple(float(2**k) for k in range(13))
TOKENS = tuple(float(2**k) for k in range(4, 21))
BYTES = tuple(float(4**k) for k in range(5, 15))
"""From a kibibyte to 256 MiB."""
