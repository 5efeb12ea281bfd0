"""What a text decides: its option, its yes or no, its amount, its short answer. Linear."""
