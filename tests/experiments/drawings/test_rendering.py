"""A rendered drawing does not depend on the brush, the size or the place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from experiments.drawings.rendering import PEN, draw, redraw

SEVEN = np.array([[80.0, 60], [190, 62], [120, 220]])
BAR = np.array([[100.0, 140], [170, 138]])


def box(image: np.ndarray) -> tuple[int, int]:
    """Height and width of what is not black."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@settings(max_examples=30, deadline=None)
@given(size=st.floats(0.3, 1.2), right=st.floats(-80, 80), down=st.floats(-80, 80))
def test_size_and_place_do_not_matter(size, right, down) -> None:
    moved = [stroke * size + (right, down) for stroke in (SEVEN, BAR)]
    np.testing.assert_allclose(redraw(moved), redraw([SEVEN, BAR]), atol=2 / 255)


def test_more_points_on_the_same_path_do_not_matter() -> None:
    lengths = np.linspace(0, 2, 400)[:, None]
    dense = np.where(
        lengths < 1,
        SEVEN[0] + lengths * (SEVEN[1] - SEVEN[0]),
        SEVEN[1] + (lengths - 1) * (SEVEN[2] - SEVEN[1]),
    )
    assert np.abs(redraw([dense]) - redraw([SEVEN])).max() < 0.1


@pytest.mark.parametrize("strokes", [[SEVEN], [SEVEN, BAR], [SEVEN[:, ::-1]], [BAR]])
def test_it_looks_like_mnist(strokes) -> None:
    image = redraw(strokes)
    assert (image.shape, image.dtype) == ((28, 28), np.float32)
    assert image.min() == 0
    assert image.max() == 1
    assert 18 <= max(box(image)) <= 20
    np.testing.assert_allclose(ndimage.center_of_mass(image), (14, 14), atol=0.51)


def test_a_stroke_is_as_wide_as_the_pen() -> None:
    upright = draw([np.array([[0.0, 0], [0, 100]])])
    np.testing.assert_allclose(upright[10].sum() / 255, PEN, atol=0.02)
    wide = draw([np.array([[0.0, 0], [0, 100]])], pen=4)
    np.testing.assert_allclose(wide[10].sum() / 255, 4, atol=0.02)


def test_a_dot_is_a_dot_in_the_middle() -> None:
    image = redraw([[[200, 30]]])
    assert max(box(image)) <= 3
    np.testing.assert_allclose(ndimage.center_of_mass(image), (14, 14), atol=0.51)


def test_no_strokes_give_a_black_image() -> None:
    assert redraw([]).shape == (28, 28)
    assert not redraw([]).any()


@pytest.mark.parametrize(
    ("strokes", "complaint"),
    [
        ([[1, 2, 3]], r"\(n, 2\) points"),
        ([SEVEN, [[1, 2, 3]]], r"\(n, 2\) points"),
        ([np.zeros((0, 2))], r"\(n, 2\) points"),
        ([[[1, np.inf]]], "not a finite number"),
    ],
)
def test_strokes_without_points_are_refused(strokes, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        redraw(strokes)
