"""What the network sees: preprocessing steps, pixels, and which pixels matter."""
