"""The steps of the preprocessing in one picture: ink and box, 20×20, centre of mass, 28×28."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from experiments.drawings.mnist_format import CENTRE
from experiments.drawings.raster import CANVAS
from gui.input.steps import Steps
from gui.recognizer import SIDE
from gui.style.colormap import grey
from gui.style.palette import BLACK, PLACEHOLDER, Palette

_FONT_SIZE = 13  # pixels of a normal display; smaller text is hard to read here


def steps_picture(steps: Steps, side: int, palette: Palette, scale: float = 1) -> Image.Image:
    """A square picture of four steps, two in a row. Its side is ``side`` pixels long."""
    cell = side // 2
    font = ImageFont.load_default(_FONT_SIZE * scale)
    sheet = Image.new("RGB", (side, side), BLACK)
    parts = (
        ("1  the ink and its box", _boxed(steps, cell, palette)),
        ("2  fitted to 20 by 20", _enlarged(_framed(steps.fitted), cell)),
        ("3  mass to the middle", _moved(steps, cell, palette)),
        ("4  what is seen", _enlarged(steps.image, cell)),
    )
    draw = ImageDraw.Draw(sheet)
    for number, (text, picture) in enumerate(parts):
        row, column = divmod(number, 2)
        place = (column * cell, row * cell)
        sheet.paste(picture, place)
        draw.text(
            (place[0] + 5 * scale, place[1] + 4 * scale),
            text,
            palette.text,
            font,
            stroke_width=round(2 * scale),
            stroke_fill=BLACK,
        )
    draw.line((cell, 0, cell, side), PLACEHOLDER)
    draw.line((0, cell, side, cell), PLACEHOLDER)
    return sheet


def _framed(fitted: NDArray[np.uint8]) -> NDArray[np.floating]:
    """The fitted ink in the middle of 28×28 pixels, so that all steps have the same scale."""
    image = np.zeros((SIDE, SIDE))
    height, width = fitted.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    image[top : top + height, left : left + width] = fitted / 255
    return image


def _enlarged(image: NDArray[np.floating], side: int) -> Image.Image:
    return grey(image).resize((side, side), Image.Resampling.NEAREST).convert("RGB")


def _boxed(steps: Steps, side: int, palette: Palette) -> Image.Image:
    small = Image.fromarray(steps.ink).resize((side, side), Image.Resampling.BOX)
    picture = small.convert("RGB")
    box = tuple(at * side / CANVAS for at in steps.box)
    ImageDraw.Draw(picture).rectangle(box, outline=palette.positive)
    return picture


def _moved(steps: Steps, side: int, palette: Palette) -> Image.Image:
    """The centre of mass, and a line from it to where it is moved."""
    picture = Image.blend(_enlarged(steps.placed, side), Image.new("RGB", (side, side)), 0.5)
    draw, block = ImageDraw.Draw(picture), side / SIDE
    start, end = ((np.array(at[::-1]) + 0.5) * block for at in (steps.mass, CENTRE))
    draw.line((*start, *end), palette.positive, width=max(round(block / 2), 2))
    radius = block * 0.6
    draw.ellipse((*(start - radius), *(start + radius)), fill=palette.positive)
    draw.ellipse((*(end - 2 * radius), *(end + 2 * radius)), outline=palette.negative, width=2)
    return picture
