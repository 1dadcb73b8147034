"""How a command starts and ends: the Hydra entry, exit statuses, training as a subprocess."""
