"""Sets: of the real line, piece by piece, and by their names alone."""
