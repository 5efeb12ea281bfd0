"""What the adapters share: from a trainer's rows to wire groups, and from answers to numbers."""
