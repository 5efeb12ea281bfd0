"""`harmo fit-weights`: a recipe's weights from what people prefer."""
