"""`harmo audit`: what a store of scored groups holds."""
