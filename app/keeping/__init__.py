"""The service's side of the store: what is answered is kept, and a disk costs no reward.

The event loop hands over what it has, as it is. One thread encodes it, writes it and waits for the
disk.
"""

from harmo.app.keeping.entry import Entry
from harmo.app.keeping.keeper import Keeper

__all__ = ["Entry", "Keeper"]
