"""A service that lives as long as the run that started it."""
