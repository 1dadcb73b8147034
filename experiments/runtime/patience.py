"""How long a command waits for what does not answer: one minute in all."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

PATIENCE = 60.0  # seconds

Value = TypeVar("Value")


def patiently(call: Callable[[], Value], *, passing: type[Exception]) -> Value:
    """What ``call`` returns. It is tried again for a minute if its error may be ``passing``."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except passing:
            if time.monotonic() > deadline:
                raise
        time.sleep(1)


def within(seconds: float, call: Callable[[], Value]) -> Value:
    """What ``call`` returns. Raises ``TimeoutError`` after ``seconds``, and leaves it to itself."""
    future: Future[Value] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError:
        if future.done():  # an error of ``call`` itself
            raise
        raise TimeoutError(f"no answer within {seconds:.0f} seconds") from None
