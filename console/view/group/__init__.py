"""What shows one group: its table, a completion's text, and what every column says of it."""
