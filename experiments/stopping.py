"""Stopping a run between two epochs, so that it can be gone on with."""


class Stopped(Exception):
    """Training was told to stop after an epoch: the run ends KILLED, and can be resumed."""


class Pruned(Stopped):
    """A search has seen better: the run ends like any that was stopped."""
