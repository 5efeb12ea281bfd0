"""Pages in the browser over a store of scored groups and a running service (extra `console`)."""
