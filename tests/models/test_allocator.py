"""The allocator hint, where the C library takes it."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys, torch
from harmo.models.allocator import keep_freed_memory
if sys.argv[1] == "keep" and not keep_freed_memory():
    sys.exit("another C library")
def work():
    for _ in range(20):
        a = torch.ones(6_000_000)
        b = a * 2
        c = a + b
        del a, b, c
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(choice: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, choice], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(done.stderr.strip()[-200:])
    return int(done.stdout)


def test_kept_memory_is_not_faulted_in_again() -> None:
    plain = page_faults("plain")
    if not plain:
        pytest.skip("this kernel does not count page faults")
    # Now and then the kernel takes pages back meanwhile.
    assert any(page_faults("keep") * 10 < plain for _ in range(3))
