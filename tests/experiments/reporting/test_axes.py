"""Labels of lines that would overlap."""

from itertools import pairwise

from experiments.reporting.axes import apart


def test_labels_that_would_overlap_move_apart_and_keep_their_order() -> None:
    places = [3.0, 0.1, 0.0, 0.05, 9.0]
    moved = apart(places, 1.0)
    order = sorted(range(5), key=lambda i: places[i])
    assert all(moved[b] - moved[a] > 1 - 1e-3 for a, b in pairwise(order))
    assert moved[4] == 9.0, "far away as it is"
