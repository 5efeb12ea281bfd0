"""`harmo top`: what a running service does, read off its own metrics."""
