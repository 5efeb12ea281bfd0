"""Pages in the browser over a store and a running service."""
