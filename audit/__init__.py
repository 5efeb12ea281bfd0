"""The store of scored groups: write, read, prune, export."""
