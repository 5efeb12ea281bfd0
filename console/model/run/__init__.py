"""The Run page: what is worked out of a run, and what is drawn of it."""
