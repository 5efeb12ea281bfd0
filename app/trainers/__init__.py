"""What the wire formats of trainers have in common: options in the URL, rows, stand-ins."""
