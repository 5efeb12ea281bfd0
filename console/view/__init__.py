"""What pages are made of: frame, tables, charts, texts, numbers."""
