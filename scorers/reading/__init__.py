"""What a text says: its parts, its answer, its numbers and words. The only answer parser."""
