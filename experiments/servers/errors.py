"""The error of a server."""


class ServerError(Exception):
    """A server that can't be started; the message is one line and says why."""
