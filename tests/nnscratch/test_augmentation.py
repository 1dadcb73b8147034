"""Augmentation: how images are varied, and that the seed decides how."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from nnscratch import (
    Adam,
    Dataset,
    SoftmaxCrossEntropyLoss,
    fit,
    load_training_state,
    mlp,
    save_training_state,
    weights_digest,
)
from nnscratch.augmentation import Affine, Augmentation
from nnscratch.typing import FloatArray

SIDE = 28
STILL = {"rotation": 0.0, "shear": 0.0, "scale": 0.0, "translation": 0.0}


def blob(row: float, column: float, spread: float = 2.0) -> np.ndarray:
    """An image of one soft spot, (1, 784)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    distance = (rows - row) ** 2 + (columns - column) ** 2
    return np.exp(-distance / (2 * spread**2)).astype(np.float32).reshape(1, -1)


def many(image: np.ndarray, augmentation: Affine) -> np.ndarray:
    """Two hundred variations, (200, 28, 28)."""
    varied = augmentation(np.repeat(image, 200, axis=0), np.random.default_rng(0))
    return varied.reshape(-1, SIDE, SIDE)


def centres(images: np.ndarray) -> np.ndarray:
    return np.array([ndimage.center_of_mass(image) for image in images])


def test_amounts_of_0_change_nothing() -> None:
    images = np.random.default_rng(0).random((5, SIDE**2)).astype(np.float32)
    varied = Affine(**STILL)(images, np.random.default_rng(0))
    np.testing.assert_allclose(varied, images, atol=1e-6)
    assert varied.dtype == np.float32


@pytest.mark.parametrize(("row", "column"), [(13.5, 13.5), (9, 18)])
def test_translations_have_the_given_standard_deviation(row: float, column: float) -> None:
    found = centres(many(blob(row, column), Affine(**{**STILL, "translation": 1.5})))
    np.testing.assert_allclose(found.mean(axis=0), (row, column), atol=0.3)
    np.testing.assert_allclose(found.std(axis=0), 1.5, rtol=0.15)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.3, "each direction by itself"


def test_rotations_have_the_given_standard_deviation_and_keep_the_distance_from_the_middle() -> (
    None
):
    from_middle = centres(many(blob(13.5, 20.5), Affine(**{**STILL, "rotation": 0.2}))) - 13.5
    np.testing.assert_allclose(np.hypot(*from_middle.T), 7, atol=0.05)
    assert np.arctan2(*from_middle.T).std() == pytest.approx(0.2, rel=0.15)


def test_a_shear_moves_the_top_and_the_bottom_apart_but_not_the_middle() -> None:
    sheared = Affine(**{**STILL, "shear": 0.2})
    top, middle, bottom = (centres(many(blob(row, 13.5), sheared)) for row in (6.5, 13.5, 20.5))
    np.testing.assert_allclose(top[:, 1] - 13.5, 13.5 - bottom[:, 1], atol=0.05)
    assert top[:, 1].std() == pytest.approx(7 * 0.2, rel=0.15)
    np.testing.assert_allclose(middle, 13.5, atol=0.05)
    np.testing.assert_allclose(top[:, 0], 6.5, atol=0.05)


def test_scales_have_the_given_standard_deviation_in_each_direction() -> None:
    images = many(blob(13.5, 13.5, spread=3), Affine(**{**STILL, "scale": 0.1}))
    from_middle = (np.arange(SIDE) - 13.5) ** 2
    variances = np.stack([images.sum(axis=axis) @ from_middle for axis in (1, 2)])  # (2, 200)
    logarithms = np.log(variances / images.sum(axis=(1, 2))) / 2  # of the size
    np.testing.assert_allclose(logarithms.mean(axis=1), np.log(3), atol=0.03)
    np.testing.assert_allclose(logarithms.std(axis=1), 0.1, rtol=0.15)
    assert abs(np.corrcoef(logarithms)[0, 1]) < 0.3, "each direction by itself"


def test_the_amount_of_ink_stays_and_so_does_the_original() -> None:
    image = blob(13.5, 13.5)
    before = image.copy()
    ink = many(image, Affine()).sum(axis=(1, 2))
    np.testing.assert_allclose(np.median(ink), image.sum(), rtol=0.05)
    np.testing.assert_array_equal(image, before)


def test_outside_of_the_image_everything_is_black() -> None:
    gone = many(blob(13.5, 13.5), Affine(**{**STILL, "translation": 500.0}))
    assert (gone.sum(axis=(1, 2)) < 1e-3).mean() > 0.9


@pytest.mark.parametrize(
    "amounts", [{"rotation": -0.1}, {"translation": np.inf}, {"shear": np.nan}]
)
def test_invalid_amounts_are_refused(amounts: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(amounts))} must be 0 or a positive number"):
        Affine(**amounts)


def test_features_that_form_no_square_are_refused() -> None:
    with pytest.raises(ValueError, match="2 features are not the pixels of a square image"):
        Affine()(np.zeros((4, 2), np.float32), np.random.default_rng(0))


# --- in training --------------------------------------------------------------------------


def train(epochs: int, *, seed: int = 0, augmentation: Augmentation | None = None, resume=None):
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    images = np.concatenate([blob(9 + 9 * label, 13.5) for label in labels.tolist()])
    dataset = Dataset(images + rng.normal(0, 0.1, images.shape).astype(np.float32), labels)
    network = mlp([SIDE**2, 8, 2], dropout=0.2, seed=0)
    training = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        Adam(),
        dataset,
        dataset,
        epochs=epochs,
        batch_size=16,
        seed=seed,
        augmentation=augmentation,
        resume=resume,
    )
    return network, training


def digest(seed: int, augmentation: Augmentation | None) -> str:
    network, training = train(2, seed=seed, augmentation=augmentation)
    list(training)
    return weights_digest(network)


def test_the_seed_decides_the_variations() -> None:
    assert digest(0, Affine()) == digest(0, Affine())
    assert len({digest(0, Affine()), digest(1, Affine()), digest(0, None)}) == 3


def test_augmentation_draws_from_a_generator_of_its_own() -> None:
    """If it only draws, the samples keep their order and the units their dropout masks."""

    class OnlyDraws:
        def __call__(self, inputs: FloatArray, rng: np.random.Generator) -> FloatArray:
            rng.random(7)
            return inputs

    assert digest(0, OnlyDraws()) == digest(0, None)


def test_a_resumed_training_draws_the_same_variations(tmp_path: Path) -> None:
    whole, training = train(4, augmentation=Affine())
    list(training)
    _, stopped = train(4, augmentation=Affine())
    next(stopped)
    path = save_training_state(stopped.state(), tmp_path / "state.npz")
    resumed, training = train(4, augmentation=Affine(), resume=load_training_state(path))
    list(training)
    assert weights_digest(resumed) == weights_digest(whole)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (None, "augmentation is None, not Affine"),
        (Affine(translation=1.0), "augmentation.translation is 1.0"),
    ],
)
def test_a_state_of_another_augmentation_is_refused(other, message: str) -> None:
    _, stopped = train(4, augmentation=other)
    next(stopped)
    with pytest.raises(ValueError, match=message):
        train(4, augmentation=Affine(), resume=stopped.state())
