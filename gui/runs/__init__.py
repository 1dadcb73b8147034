"""The table of logged runs, and loading one of them."""
