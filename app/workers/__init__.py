"""Processes that can be killed: who forks them, what they may do, and who is next."""
