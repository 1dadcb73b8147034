"""The test images as one network classifies them, without a window."""

import numpy as np
import pytest

from gui.background import Unavailable
from gui.recognizer import Recognizer
from gui.test_images.gallery import Gallery, load_images
from nnscratch import Dataset, mlp

NETWORK = mlp([784, 20, 10], seed=4)
RNG = np.random.default_rng(3)
IMAGES = Dataset(
    RNG.integers(0, 256, (150, 784)).astype(np.uint8), RNG.integers(0, 10, 150).astype(np.uint8)
)


def test_the_most_confident_mistakes_come_first() -> None:
    gallery = Gallery("noise", IMAGES, Recognizer(NETWORK))
    images = [gallery[place] for place in range(len(gallery))]
    assert sorted(image.number for image in images) == list(range(150))
    wrong = [image.label != image.prediction for image in images]
    assert wrong == sorted(wrong, reverse=True)
    assert gallery.misclassified == sum(wrong) > 100
    sure = [
        NETWORK.predict_proba(image.image.reshape(1, -1)).max()
        for image in images[: gallery.misclassified]
    ]
    assert sure == sorted(sure, reverse=True)
    rest = [image.number for image in images[gallery.misclassified :]]
    assert rest == sorted(rest)


def test_an_image_has_its_number_in_the_data_set() -> None:
    image = Gallery("noise", IMAGES, Recognizer(NETWORK))[7]
    np.testing.assert_allclose(image.image.ravel() * 255, IMAGES.inputs[image.number])
    assert image.label == IMAGES.labels[image.number]
    assert image.prediction == NETWORK.predict(image.image.reshape(1, -1))[0]


def test_the_embedded_digits_are_always_available() -> None:
    assert len(load_images("digits")) == 359


def test_a_network_trained_on_mnist_and_pen_is_shown_mnist(mnist_folder) -> None:
    assert len(load_images("mnist_and_pen")) == 10_000


def test_an_unknown_data_set_is_reported() -> None:
    with pytest.raises(Unavailable, match="no data set 'letters'"):
        load_images("letters")
