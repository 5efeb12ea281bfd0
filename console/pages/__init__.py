"""The pages, a module each; every one has `register(console)` for its routes."""
