"""Training: the loop, and what it needs beside a loss and an optimizer."""
