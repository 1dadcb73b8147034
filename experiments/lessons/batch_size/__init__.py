"""The lesson on batch size."""
