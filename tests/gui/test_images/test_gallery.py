"""The test images as one network reads them, without a window."""

import numpy as np
import pytest

from gui.background import Unavailable
from gui.input.why import why
from gui.network.unit_facts import UnitFacts
from gui.recognizer import Recognizer
from gui.style.palette import DARK
from gui.test_images.gallery import Gallery, load_images
from nnscratch import Dataset, mlp
from nnscratch.inspection.attribution import input_times_gradient

NETWORK = mlp([784, 20, 10], seed=4)
RNG = np.random.default_rng(3)
IMAGES = Dataset(
    RNG.integers(0, 256, (150, 784)).astype(np.uint8), RNG.integers(0, 10, 150).astype(np.uint8)
)


def test_misread_images_come_first_and_the_surest_mistakes_before_all() -> None:
    gallery = Gallery("noise", IMAGES, Recognizer(NETWORK))
    exhibits = [gallery[place] for place in range(len(gallery))]
    assert sorted(exhibit.number for exhibit in exhibits) == list(range(150))
    wrong = [exhibit.label != exhibit.answer for exhibit in exhibits]
    assert wrong == sorted(wrong, reverse=True)
    assert gallery.misread == sum(wrong) > 100
    sure = [
        NETWORK.predict_proba(exhibit.image.reshape(1, -1)).max()
        for exhibit in exhibits[: gallery.misread]
    ]
    assert sure == sorted(sure, reverse=True)
    rest = [exhibit.number for exhibit in exhibits[gallery.misread :]]
    assert rest == sorted(rest)


def test_an_exhibit_is_what_the_data_set_has_at_its_number() -> None:
    exhibit = Gallery("noise", IMAGES, Recognizer(NETWORK))[7]
    np.testing.assert_allclose(exhibit.image.ravel() * 255, IMAGES.inputs[exhibit.number])
    assert exhibit.label == IMAGES.labels[exhibit.number]
    assert exhibit.answer == NETWORK.predict(exhibit.image.reshape(1, -1))[0]


def test_the_embedded_digits_are_always_there() -> None:
    assert len(load_images("digits")) == 359


def test_what_learnt_from_pen_strokes_too_is_shown_mnist(mnist_folder) -> None:
    assert len(load_images("mnist_and_pen")) == 10_000


def test_an_unknown_data_set_is_said_to_be_one() -> None:
    with pytest.raises(Unavailable, match="no data set 'letters'"):
        load_images("letters")


def test_reasons_are_amber_for_and_blue_against() -> None:
    image = IMAGES.take(slice(0, 1))[0].reshape(28, 28)
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


def test_a_ragged_grid_of_weights_shows_nothing_where_there_is_none() -> None:
    weights = np.array([[0.5, -1.0], [0.25, np.nan]])
    picture = np.asarray(UnitFacts("unit", weights, 0.1, None, "").picture(DARK))
    assert picture.shape == (2, 2, 3)
    assert tuple(picture[1, 1]) == (13, 17, 23)  # the background
    assert picture[0, 0, 0] > picture[0, 0, 2]
    assert picture[0, 1, 2] > picture[0, 1, 0]
