"""Tree against tree: numbers, functions, equations, sets."""
