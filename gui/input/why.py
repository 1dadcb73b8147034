"""Why the network predicts what it predicts: the share of each pixel in the winning logit."""

import numpy as np
from PIL import Image

from gui.recognizer import Prediction, Recognizer
from gui.style.colormap import diverging
from gui.style.palette import Palette
from nnscratch.inspection.attribution import input_times_gradient

_DIMMED = 0.35  # brightness of the image under the colours


def why(recognizer: Recognizer, prediction: Prediction, palette: Palette) -> Image.Image:
    """Input × gradient of the winning logit over the image: amber for the answer, blue against."""
    image = prediction.image
    shares = input_times_gradient(
        recognizer.network, image.reshape(1, -1), np.array([prediction.digit])
    )
    background = np.repeat(255 * _DIMMED * image[..., None], 3, axis=2)
    return diverging(shares.reshape(image.shape), palette, background)
