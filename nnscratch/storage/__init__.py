"""Saving and loading networks and training states."""
