"""Texts and images as vectors, and how alike they are."""
