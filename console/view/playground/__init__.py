"""What the playground's form is made of."""
