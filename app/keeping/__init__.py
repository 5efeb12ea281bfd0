"""The service's side of the store: what is answered is kept, and a disk costs no reward.

The event loop takes a group apart as it hands it over, a thread the large ones; a process of its
own encodes it, writes it and waits for the disk.
"""
