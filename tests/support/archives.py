"""Files of networks and trainings with other contents, and with a digest that fits them."""

import io
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from nnscratch.storage.checkpoint import _digest

Change: TypeAlias = Callable[[dict[str, Any], dict[str, Any]], object]
"""Changes the arrays and the description of a file, in place."""


def arrays_of(content: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(content)) as archive:
        return dict(archive)


def rewritten(content: bytes, change: Change) -> bytes:
    """The file with changed arrays and description, and with a digest that fits them."""
    arrays = arrays_of(content)
    description = json.loads(str(arrays.pop("description")))
    del arrays["digest"]
    change(arrays, description)
    text = json.dumps(description)
    digest = _digest(arrays, text)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, description=np.str_(text), digest=np.str_(digest), **arrays)
    return buffer.getvalue()
