"""What a policy does on a screen, as it is written."""
