"""What a worker has in memory before its first sample: SymPy, Math-Verify, pint, langdetect.

Imported by the fork server, never by the service: it costs seconds and some 200 MB.
"""

from __future__ import annotations

from harmo.scorers.aspect.language import detect
from harmo.scorers.rule.math import symbolic
from harmo.scorers.rule.math.forms import units

symbolic.equivalent("x + 1", "1 + x")
units.conversion("cm", "m")
detect("warm up")
