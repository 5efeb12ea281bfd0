"""Connections and the process: what stands between the network and the application."""
