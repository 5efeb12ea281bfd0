"""What shows a list of groups: its filters, what narrows it, its rows and pages."""
