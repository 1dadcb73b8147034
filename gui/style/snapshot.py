"""A picture of all panels, to keep."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image


def side_by_side(pictures: Sequence[Image.Image], background: str, gap: int = 16) -> Image.Image:
    """Pictures in a row with gaps around them, their middles on one line."""
    width = sum(picture.width + gap for picture in pictures) + gap
    height = max(picture.height for picture in pictures) + 2 * gap
    row, left = Image.new("RGB", (width, height), background), gap
    for picture in pictures:
        row.paste(picture, (left, (height - picture.height) // 2))
        left += picture.width + gap
    return row


def save(picture: Image.Image, file: Path) -> None:
    """Writes a PNG, whole or not at all. Raises ``OSError``."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            picture.save(stream, "PNG", optimize=True)
        partial.chmod(0o644)
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
