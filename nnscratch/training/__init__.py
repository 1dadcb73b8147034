"""Training: the loop, and what it uses beside loss and optimizer."""
