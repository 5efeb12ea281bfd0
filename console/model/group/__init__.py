"""One group as its page shows it."""
