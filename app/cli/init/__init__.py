"""`harmo init`: what to paste into a trainer."""
