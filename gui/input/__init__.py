"""What the network sees: pipelines and their steps, the pixels, and which pixels matter."""
