"""The writers of ``benchmarks.drawings``: some to train on, the others to test on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from experiments.datasets.pen_strokes import PenStrokes
from experiments.drawings.raster import placed
from nnscratch.typing import FloatArray, IntArray


class People:
    """The writers of one file. Training may see two thirds of them; the rest stay unseen.

    ``pen`` holds the drawings of all writers.
    """

    def __init__(self, pen: PenStrokes) -> None:
        self.pen = pen
        writers = np.unique(pen.writers)
        split = 2 * len(writers) // 3
        self.seen, self.unseen = writers[:split], writers[split:]

    def save_seen(self, path: Path) -> None:
        """Saves the drawings of the seen writers as a file for ``data.pen_strokes``."""
        self.pen.chosen(np.flatnonzero(np.isin(self.pen.writers, self.seen))).save(path)

    def sample(self, number: int) -> list[int]:
        """Positions of ``number`` random drawings by unseen writers; always the same positions."""
        theirs = np.flatnonzero(np.isin(self.pen.writers, self.unseen))
        chosen = np.random.default_rng(0).permutation(theirs)[:number]
        return np.sort(chosen).tolist()

    def by_writer(self) -> Iterator[IntArray]:
        """The positions of the drawings of each unseen writer, in the order of drawing."""
        for writer in self.unseen:
            theirs = np.flatnonzero(self.pen.writers == writer)
            yield theirs[np.argsort(self.pen.turns[theirs])]

    def placed(self, position: int, size: int, *, width: int, corner: bool) -> list[FloatArray]:
        """One drawing on the canvas: see ``experiments.drawings.raster.placed``."""
        return placed(self.pen.drawing(position), size, width=width, corner=corner)
