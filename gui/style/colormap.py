"""Numbers as colours: amber for plus, blue for minus, stronger for larger magnitudes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from gui.style.palette import Palette


def diverging(
    values: NDArray[np.floating], palette: Palette, background: NDArray[np.floating]
) -> Image.Image:
    """(height, width) values as an RGB picture, over a ``background`` (height, width, 3).

    The largest magnitude has the full colour; 0 leaves the background as it is.
    """
    largest = np.abs(values).max(initial=0)
    share = np.abs(values)[..., None] / (largest or 1)
    plus, minus = (ImageColor.getrgb(colour) for colour in (palette.positive, palette.negative))
    colour = np.where(values[..., None] > 0, np.array(plus[:3]), np.array(minus[:3]))
    return Image.fromarray(np.rint(background * (1 - share) + colour * share).astype(np.uint8))


def uniform(shape: tuple[int, ...], colour: str) -> NDArray[np.floating]:
    """A background of one colour, (height, width, 3)."""
    return np.broadcast_to(np.array(ImageColor.getrgb(colour)[:3], float), (*shape, 3))


def grey(image: NDArray[np.floating]) -> Image.Image:
    """An image in [0, 1] as a grey picture of the same size."""
    return Image.fromarray(np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8))
