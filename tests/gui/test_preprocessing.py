"""From the drawing to what the network sees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pen_strokes import PenStrokes, placed
from scipy import ndimage

from experiments.drawings.raster import blank, ink, rasterise
from gui.preprocessing import from_raster, from_strokes, redraw
from gui.recognizer import Recognizer

SEVEN = [np.array([[80, 60], [190, 62], [120, 220]])]


def box(image: np.ndarray) -> tuple[int, int]:
    """Height and width of what is not black."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def block(top: int, left: int, height: int, width: int) -> np.ndarray:
    raster = blank()
    raster[top : top + height, left : left + width] = 255
    return raster


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (120, 60, (20, 10)),
        (60, 120, (10, 20)),
        (200, 200, (20, 20)),
        (7, 7, (20, 20)),
        (280, 1, (20, 1)),
    ],
)
def test_the_longer_side_is_exactly_20_pixels(height, width, expected) -> None:
    assert box(from_raster(block(0, 0, height, width))) == expected


def test_the_centre_of_mass_lies_at_14_14() -> None:
    mass = ndimage.center_of_mass(from_strokes(SEVEN))
    np.testing.assert_allclose(mass, (14, 14), atol=0.5)


def test_real_drawings_are_centred_unless_ink_would_be_lost(pen_digits) -> None:
    pen = PenStrokes(pen_digits)
    for writer in (1, 12, 30):
        for strokes in pen.first_of_each_digit(writer):
            image = from_strokes(strokes)
            assert max(box(image)) == 20
            for mass, axis in zip(ndimage.center_of_mass(image), (1, 0), strict=True):
                inked = np.flatnonzero(image.any(axis=axis))
                assert abs(mass - 14) <= 0.5 or inked[0] == 0 or inked[-1] == 27


def test_an_image_is_float32_from_0_to_1() -> None:
    image = from_strokes(SEVEN)
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() == 0
    assert 0.9 < image.max() <= 1


def test_an_empty_drawing_is_all_black() -> None:
    assert not from_raster(blank()).any()
    assert not from_strokes([]).any()
    assert from_strokes([]).shape == (28, 28)


@pytest.mark.parametrize(("right", "down"), [(-70, -50), (79, -50), (-70, 49), (79, 49)])
def test_a_digit_in_a_corner_looks_like_one_in_the_middle(right, down) -> None:
    moved = [stroke + np.array([right, down]) for stroke in SEVEN]
    np.testing.assert_array_equal(from_strokes(moved), from_strokes(SEVEN))


@pytest.mark.parametrize(
    "raster",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((280, 280), np.float32),
        np.zeros((280, 280, 1), np.uint8),
        np.zeros(280, np.uint8),
    ],
)
def test_a_raster_of_another_shape_or_type_is_refused(raster) -> None:
    with pytest.raises(ValueError, match=r"uint8 of shape \(280, 280\).*got "):
        from_raster(raster)


@pytest.mark.parametrize(
    ("strokes", "complaint"),
    [
        ([[1, 2, 3]], r"\(n, 2\) points"),
        ([[[1, 2, 3]]], r"\(n, 2\) points"),
        ([np.zeros((0, 2))], r"\(n, 2\) points"),
        ([[[1, np.nan]]], "not a finite number"),
    ],
)
def test_strokes_without_points_are_refused(strokes, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_strokes(strokes)


def test_a_brush_of_width_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="wider than 0"):
        from_strokes(SEVEN, width=0)


coordinates = st.floats(-60, 340, allow_nan=False)
points = st.tuples(coordinates, coordinates)


@settings(max_examples=40, deadline=None)
@given(start=points, end=points, width=st.floats(1, 60))
def test_ink_is_what_lies_within_half_a_width_of_the_segment(start, end, width) -> None:
    drawn = blank()
    ink(drawn, start, end, width)

    y, x = np.mgrid[:280, :280]
    a, b = np.array(start), np.array(end)
    along = (b - a) / max(float((b - a) @ (b - a)), 1e-12)
    t = np.clip((x - a[0]) * along[0] + (y - a[1]) * along[1], 0, 1)
    away = np.hypot(x - a[0] - t * (b - a)[0], y - a[1] - t * (b - a)[1])
    doubtful = np.abs(away - width / 2) < 1e-2  # float32 may round up or down
    np.testing.assert_array_equal((drawn == 255) | doubtful, (away <= width / 2) | doubtful)


def test_a_stroke_of_one_point_is_a_round_dot() -> None:
    raster = rasterise([[[100, 90]]], width=20)
    assert box(raster) == (21, 21)
    assert abs(np.count_nonzero(raster) - np.pi * 10**2) < 10
    assert raster[90, 100] == 255


def test_joins_are_round() -> None:
    """At a sharp corner the ink extends by half a width, not further."""
    raster = rasterise([[[40, 100], [200, 100], [40, 110]]], width=20)
    assert raster[:, 210].any()
    assert not raster[:, 211:].any()


def test_ink_outside_the_canvas_is_cut_off() -> None:
    assert not rasterise([[[-50, -50], [-40, 300]]]).any()
    assert rasterise([[[-50, 140], [330, 140]]])[140].all()


def test_digits_of_people_outside_the_training_data_are_classified(trained, pen_digits) -> None:
    """The first drawing of each digit by thirty writers, through both pipelines."""
    recognizer, pen = Recognizer.from_checkpoint(trained), PenStrokes(pen_digits)

    def share(present) -> float:
        right = [
            recognizer.recognize(present(strokes)).digit == digit
            for writer in range(1, 31)
            for digit, strokes in enumerate(pen.first_of_each_digit(writer))
        ]
        return float(np.mean(right))

    assert share(from_strokes) > 0.85
    assert share(redraw) > 0.87
    # A thick brush turns small digits into blobs; redrawing does not depend on the brush.
    assert share(lambda strokes: from_strokes(placed(strokes, 60), width=36)) < 0.6
    assert share(lambda strokes: redraw(placed(strokes, 60))) > 0.87
