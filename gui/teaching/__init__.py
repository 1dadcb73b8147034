"""Correcting the network with your own drawings."""
