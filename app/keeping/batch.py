"""What was taken to be written and is not settled: whole, in parts, or in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.app.keeping.entry import Entry

DEATHS = 3
"""A process that ends so often over the same groups, one after the other, ends for them."""


class Batch:
    """Groups in order, of which as many are written at a time as have no bad one among them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._apart = False
        """True once one of them is at fault: each is written by itself."""
        self._sent: Sequence[Entry] = ()
        """What the process was sent and did not say was written."""
        self._deaths = 0
        self._last = 0
        """The number of the group that was written last."""

    @property
    def bytes(self) -> int:
        """What its groups count for."""
        return sum(entry.bytes for entry in self.entries)

    def fill(self, entries: list[Entry]) -> None:
        """Begin with these; what was there before is settled."""
        self.entries, self._apart, self._deaths = entries, False, 0

    def part(self) -> Sequence[Entry]:
        """What is written next, as one transaction."""
        return self.entries[:1] if self._apart else tuple(self.entries)

    def split(self) -> bool:
        """Write each by itself from now on; False if they are already."""
        was = self._apart or len(self.entries) == 1
        self._apart = True
        return not was

    def settled(self, part: Sequence[Entry]) -> None:
        """Let go of the first ones: they are written, or never will be."""
        del self.entries[: len(part)]
        self._deaths = 0

    def written(self, part: Sequence[Entry], last: int) -> bool:
        """Let go of what is on the disk; False if the store is another than before.

        Args:
            part: The first ones.
            last: The number of the last of them.
        """
        same = last == self._last + len(part)
        self.settled(part)
        self._last = last
        return same

    def doubtful(self, part: Sequence[Entry], *, died: bool) -> None:
        """Note that they may be written, though nobody said so.

        Args:
            part: The first ones.
            died: True if the process ended over them, and may have ended for them.
        """
        self._sent = part
        self._deaths += died

    def clear(self) -> list[Entry]:
        """All of it, which is given up."""
        given_up, self._sent = self.entries, ()
        self.fill([])
        return given_up

    def resolved(self, last: int) -> tuple[Sequence[Entry], bool]:
        """What the last doubt was about, if it is settled, and whether that is in the store.

        Args:
            last: The number of the last group that ever was written to the store: numbers only
                rise, and one process writes at a time.
        """
        sent, self._sent = self._sent, ()
        there = bool(sent) and last == self._last + len(sent)
        self._last = last
        if there:
            self.settled(sent)
            return sent, True
        if self._deaths >= DEATHS:
            self._deaths = 0
            if not self.split():
                self.settled(sent)
                return sent, False
        return (), False

    def withdraw(self) -> Sequence[Entry]:
        """Those that nobody waits for any more, which are taken out."""
        gone = [entry for entry in self.entries if entry.withdrawn]
        self.entries = [entry for entry in self.entries if not entry.withdrawn]
        return gone
