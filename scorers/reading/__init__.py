"""What a text says: its think and answer part, its answer, numbers, words and options."""
