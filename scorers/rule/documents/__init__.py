"""What is read off a document: its text, its tables, its formulas."""

from harmo.scorers.rule.documents import formula, ocr, table

__all__ = ["formula", "ocr", "table"]
