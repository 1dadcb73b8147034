"""The lesson on weights that start at zero."""
