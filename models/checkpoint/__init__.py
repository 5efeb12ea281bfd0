"""What is on disk: manifest, head and weights of a model, rebuilt without its own code."""
