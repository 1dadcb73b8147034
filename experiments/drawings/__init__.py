"""From pen strokes to images in MNIST's format."""
