"""Text to tree: nothing here compares or evaluates."""
