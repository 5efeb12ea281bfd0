"""What another recipe would have paid: edits, the composition they make, and what it changes."""
