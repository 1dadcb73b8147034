"""The lesson on optimizers and their learning rates."""
