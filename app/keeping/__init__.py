"""The service's side of the store: what is answered is kept, and a disk costs no reward.

The event loop hands over what it has, as it is; a thread takes it apart; a process of its own
encodes it, writes it and waits for the disk.
"""
