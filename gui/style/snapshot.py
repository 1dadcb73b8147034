"""A picture of all panels, and its file."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from experiments.runtime.files import write_whole


def side_by_side(pictures: Sequence[Image.Image], background: str, gap: int = 16) -> Image.Image:
    """Pictures in a row with gaps around them, centred on one line."""
    width = sum(picture.width + gap for picture in pictures) + gap
    height = max(picture.height for picture in pictures) + 2 * gap
    row, left = Image.new("RGB", (width, height), background), gap
    for picture in pictures:
        row.paste(picture, (left, (height - picture.height) // 2))
        left += picture.width + gap
    return row


def save(picture: Image.Image, file: Path) -> None:
    """Writes a PNG into a folder that exists, whole or not at all. Raises ``OSError``."""
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    write_whole(file.parent.resolve(strict=True) / file.name, content.getvalue())
