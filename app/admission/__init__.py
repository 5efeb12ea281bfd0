"""What is let in, counted before it costs anything, and when to come back with the rest."""
