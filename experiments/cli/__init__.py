"""The start and the end of a command: Hydra entry, exit status, training as a subprocess."""
