"""The steps of both pipelines end at what the network sees."""

import numpy as np
import pytest
from scipy import ndimage

from experiments.drawings.raster import blank, rasterise
from gui.input.steps import Steps, published_steps, redrawn_steps
from gui.preprocessing import from_raster, redraw

SEVEN = [np.array([[80, 60], [190, 62], [120, 220]]), np.array([[110, 140], [170, 138]])]


@pytest.fixture(params=["published", "redrawn"])
def steps(request: pytest.FixtureRequest) -> Steps:
    found = {
        "published": published_steps(rasterise(SEVEN)),
        "redrawn": redrawn_steps(SEVEN),
    }[request.param]
    assert found is not None
    return found


def test_the_last_step_is_what_the_network_sees() -> None:
    raster = rasterise(SEVEN)
    published, redrawn = published_steps(raster), redrawn_steps(SEVEN)
    assert published is not None
    assert redrawn is not None
    np.testing.assert_array_equal(published.ink, raster)
    np.testing.assert_array_equal(published.image, from_raster(raster))
    np.testing.assert_array_equal(redrawn.image, redraw(SEVEN))


def test_the_box_encloses_the_ink() -> None:
    published, redrawn = published_steps(rasterise(SEVEN, width=20)), redrawn_steps(SEVEN)
    assert published is not None
    assert redrawn is not None
    assert published.box == (70, 50, 200, 230)
    assert redrawn.box == (80, 60, 190, 220)
    rows, columns = np.flatnonzero(redrawn.ink.any(axis=1)), np.flatnonzero(redrawn.ink.any(axis=0))
    assert (columns[0], rows[0], columns[-1], rows[-1]) == (79, 59, 191, 221)


def test_the_longer_side_is_fitted_to_20(steps: Steps) -> None:
    assert max(steps.fitted.shape) == 20
    assert steps.fitted.max() == 255


def test_the_ink_is_placed_in_the_middle_before_it_moves(steps: Steps) -> None:
    for axis in (1, 0):
        inked = np.flatnonzero(steps.placed.any(axis=axis))
        assert abs(inked[0] + inked[-1] - 27) <= 2


def test_the_centre_of_mass_moves_to_the_centre(steps: Steps) -> None:
    np.testing.assert_allclose(ndimage.center_of_mass(steps.placed), steps.mass, atol=1e-4)
    shift = np.rint(14 - np.array(steps.mass)).astype(int)
    np.testing.assert_array_equal(np.roll(steps.placed, tuple(shift), (0, 1)), steps.image)
    np.testing.assert_allclose(ndimage.center_of_mass(steps.image), (14, 14), atol=0.51)


def test_an_empty_drawing_has_no_steps() -> None:
    assert published_steps(blank()) is None
    assert redrawn_steps([]) is None


def test_a_raster_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="280"):
        published_steps(np.zeros((28, 28), np.uint8))
