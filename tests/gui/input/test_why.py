"""Which pixels matter, as colours."""

import numpy as np

from gui.input.why import why
from gui.recognizer import Recognizer
from gui.style.palette import DARK
from nnscratch import mlp
from nnscratch.inspection.attribution import input_times_gradient

NETWORK = mlp([784, 20, 10], seed=4)


def test_pixels_for_the_answer_are_amber_and_those_against_blue() -> None:
    image = np.random.default_rng(3).random((28, 28)).astype(np.float32)
    recognizer = Recognizer(NETWORK)
    prediction = recognizer.recognize(image)
    shares = input_times_gradient(
        NETWORK, image.reshape(1, -1), np.array([prediction.digit])
    ).reshape(28, 28)
    picture = np.asarray(why(recognizer, prediction, DARK)).astype(int)
    amber = picture[..., 0] - picture[..., 2]
    strong = np.abs(shares) > 0.5 * np.abs(shares).max()
    assert ((amber > 0) == (shares > 0))[strong].all()
    assert np.ptp(picture[shares == 0], axis=-1).max(initial=0) == 0  # grey: no say
