"""The network that comes with the window, so that it can classify before anything is trained."""
