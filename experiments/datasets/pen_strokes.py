"""Files of digits written with a pen: the points of each stroke, the digit, the writer.

The content of a file says which of two formats it has: an ``.npz`` of flat arrays, or the UNIPEN
text in which UCI publishes the pen digits (``pendigits-orig.tra``; Alpaydin and Alimoglu 1998).
"""

import hashlib
import io
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.errors import DatasetError
from nnscratch.storage.array_headers import array_headers, listed
from nnscratch.typing import FloatArray, IntArray, PixelArray

REMEDY = (
    "data.pen_strokes takes an .npz with points, strokes, samples, labels, writer and seq, "
    "or UCI's original text, pendigits-orig.tra"
)

_LARGEST = 100_000_000  # bytes of a file; UCI's has 5 million
_MOST_NUMBERS = 50_000_000  # in an array of an .npz, which may be compressed

_TYPES = {
    "points": np.float64,
    "strokes": np.int64,
    "samples": np.int64,
    "labels": np.uint8,
    "writer": np.int64,
    "seq": np.int64,
}
"""The arrays of an .npz, in the order of the fields of ``PenStrokes``."""


@dataclass(frozen=True, eq=False)
class PenStrokes:
    """Drawings of digits, in flat arrays.

    ``points`` (P, 2): x to the right, y down, on any scale. ``strokes``: the index in ``points``
    at which each stroke starts, and the end of the last one. ``samples``: the index in
    ``strokes`` at which each drawing starts, and the end of the last one. ``labels`` (n,): 0–9.
    ``writers`` (n,): the number of the writer. ``turns`` (n,): the order in which a writer wrote.
    """

    points: FloatArray
    strokes: IntArray
    samples: IntArray
    labels: PixelArray
    writers: IntArray
    turns: IntArray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def digest(self) -> str:
        """SHA-256 of the drawings and their labels. It does not depend on the file's format."""
        total = hashlib.sha256()
        for array in (self.points, self.strokes, self.samples, self.labels):
            total.update(np.ascontiguousarray(array).data)
        return total.hexdigest()

    def drawing(self, position: int) -> list[FloatArray]:
        """The strokes of one drawing, each (n, 2) points."""
        first, last = self.samples[position : position + 2]
        starts = self.strokes[first : last + 1]
        return [self.points[start:end] for start, end in pairwise(starts)]

    def chosen(self, positions: IntArray) -> "PenStrokes":
        """Only the drawings at these positions, at least one."""
        drawings = [self.drawing(int(position)) for position in positions]
        strokes = [stroke for drawing in drawings for stroke in drawing]
        return PenStrokes(
            points=np.concatenate(strokes),
            strokes=np.cumsum([0, *map(len, strokes)]),
            samples=np.cumsum([0, *map(len, drawings)]),
            labels=self.labels[positions],
            writers=self.writers[positions],
            turns=self.turns[positions],
        )

    def drawings(self) -> Iterator[list[FloatArray]]:
        """All drawings, in order."""
        return map(self.drawing, range(len(self)))

    def save(self, file: Path) -> None:
        """Writes the .npz that ``read_pen_strokes`` reads. Raises ``OSError``."""
        arrays = (self.points, self.strokes, self.samples, self.labels, self.writers, self.turns)
        np.savez(file, allow_pickle=False, **dict(zip(_TYPES, arrays, strict=True)))


def read_pen_file(path: Path) -> bytes:
    """The bytes of a file of drawings. Raises ``DatasetError`` for a special or very large file."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DatasetError(f"{path} is not a file; {REMEDY}")
        if status.st_size > _LARGEST:
            raise DatasetError(f"{path} is larger than {_LARGEST:,} bytes; {REMEDY}")
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error


def read_pen_strokes(path: Path) -> PenStrokes:
    """The drawings in ``path``. Raises ``DatasetError`` with the file and what is wrong."""
    content = read_pen_file(path)
    try:
        if content.startswith((b"\x1f\x9d", b"\x1f\x8b")):
            raise ValueError("it is compressed, unpack it first with gunzip")
        return _checked(_from_npz(content) if content.startswith(b"PK") else _from_text(content))
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path} holds no pen strokes: {reason}; {REMEDY}") from error


def _from_npz(content: bytes) -> PenStrokes:
    headers = array_headers(io.BytesIO(content))
    if not headers.keys() >= _TYPES.keys():
        raise ValueError(f"it holds {listed(headers)}")
    for name in _TYPES:
        if headers[name].dtype.kind not in "iuf":
            raise ValueError(f"{name} is of dtype {headers[name].dtype}")
        if headers[name].size > _MOST_NUMBERS:
            raise ValueError(f"{name} has the shape {headers[name].shape}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as data:
            arrays: Mapping[str, NDArray[Any]] = {name: data[name] for name in _TYPES}
    except Exception as error:  # zipfile and NumPy raise errors of many types: zlib.error, …
        raise ValueError(f"it is damaged ({error})") from error
    with np.errstate(invalid="ignore"):  # NaN as an index: _checked refuses what comes of it
        return PenStrokes(*(array.astype(_TYPES[name]) for name, array in arrays.items()))


_SEGMENT = re.compile(r'\.SEGMENT\s+DIGIT\s+\S+\s+\S+\s+"(\d)"')
_COMMENT = re.compile(r"\.COMMENT\s+\d+\s+(\d{1,9})\s+(\d{1,9})")  # label, writer, turn
_POINT = re.compile(r"\s*(-?\d{1,9})\s+(-?\d{1,9})\s*")


def _from_text(content: bytes) -> PenStrokes:
    """Parses UNIPEN: .SEGMENT starts a drawing, .PEN_DOWN starts a stroke, .PEN_UP ends it.

    In the file y points up.
    """
    points: list[tuple[int, int]] = []
    strokes: list[int] = []
    samples: list[int] = []
    labels: list[int] = []
    writers: list[tuple[int, int]] = []
    drawing = False
    for number, line in enumerate(content.decode("ascii", errors="replace").splitlines(), start=1):
        if segment := _SEGMENT.match(line):
            labels.append(int(segment[1]))
            samples.append(len(strokes))
        elif comment := _COMMENT.match(line):
            writers.append((int(comment[1]), int(comment[2])))
        elif line.startswith((".PEN_DOWN", ".PEN_UP")):
            drawing = line.startswith(".PEN_DOWN")
            if drawing:
                strokes.append(len(points))
        elif drawing and line.strip():
            point = _POINT.fullmatch(line)
            if point is None:
                raise ValueError(f"line {number} is {line[:40]!r}, not a point x y")
            points.append((int(point[1]), -int(point[2])))
    if not labels:
        raise ValueError('it has no line such as .SEGMENT DIGIT 0-1 ? "4"')
    if len(writers) != len(labels):
        raise ValueError(
            f"it has {len(labels)} digits but {len(writers)} lines that name the writers, "
            "such as .COMMENT 4 12 224 (digit, writer, turn)"
        )
    return PenStrokes(
        points=np.array(points, np.float64).reshape(-1, 2),
        strokes=np.array([*strokes, len(points)]),
        samples=np.array([*samples, len(strokes)]),
        labels=np.array(labels, np.uint8),
        writers=np.array(writers)[:, 0],
        turns=np.array(writers)[:, 1],
    )


def _checked(pen: PenStrokes) -> PenStrokes:
    """``pen``, if its arrays fit together; ``ValueError`` otherwise."""
    if pen.points.ndim != 2 or pen.points.shape[1] != 2:
        raise ValueError(f"points are of shape {pen.points.shape}, not (P, 2)")
    if not np.isfinite(pen.points).all():
        raise ValueError("points has NaN or infinity")
    _check_starts("strokes", pen.strokes, len(pen.points))
    _check_starts("samples", pen.samples, len(pen.strokes) - 1)
    for name, array in (("labels", pen.labels), ("writer", pen.writers), ("seq", pen.turns)):
        if array.shape != (len(pen.samples) - 1,):
            raise ValueError(f"{len(pen.samples) - 1} samples, but {name} of shape {array.shape}")
    if pen.labels.max() > 9:
        raise ValueError(f"labels holds {pen.labels.max()}, but there are only 0, 1, …, 9")
    return pen


def _check_starts(name: str, starts: IntArray, end: int) -> None:
    if starts.ndim != 1 or len(starts) < 2 or starts[0] != 0 or starts[-1] != end:
        raise ValueError(f"{name} does not lead from 0 to {end}")
    if (np.diff(starts) < 1).any():
        raise ValueError(f"{name} has an entry without any points")
