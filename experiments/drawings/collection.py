"""Labelled drawings of the user: a folder of files that are never overwritten."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from experiments.drawings.rendering import Stroke, as_stroke
from experiments.errors import DrawingsError
from experiments.runtime.files import written_aside

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Drawing:
    """Strokes in canvas pixels, the digit they show, and the run that was loaded at the time."""

    strokes: Sequence[Stroke]
    label: int
    run_id: str | None = None


@dataclass(frozen=True, eq=False)
class OwnDrawings:
    """The drawings at one moment.

    Every third drawing of each digit is held out, in the order of drawing. So a drawing that was
    once used for training is never used for a test.
    """

    drawings: Sequence[Drawing]

    @property
    def version(self) -> str:
        """The number of drawings, and the beginning of the SHA-256 of their contents."""
        digest = hashlib.sha256(self.to_json().encode()).hexdigest()
        return f"{len(self.drawings)}-{digest[:12]}"

    @property
    def trained_on(self) -> list[Drawing]:
        """The drawings that a network learns from."""
        return [drawing for drawing, back in self._parts() if not back]

    @property
    def held_back(self) -> list[Drawing]:
        """The drawings that measure it; a digit needs three drawings to have one here."""
        return [drawing for drawing, back in self._parts() if back]

    def to_json(self) -> str:
        """All drawings as one text."""
        return json.dumps({"format": _FORMAT, "drawings": [*map(_values, self.drawings)]})

    def _parts(self) -> list[tuple[Drawing, bool]]:
        seen = [0] * 10
        parts = []
        for drawing in self.drawings:
            seen[drawing.label] += 1
            parts.append((drawing, seen[drawing.label] % 3 == 0))
        return parts


class DrawingFolder:
    """A folder of drawings: one file each, numbered in the order of drawing.

    A file appears whole or not at all, and is never overwritten. So several windows may add to
    one folder at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, strokes: Sequence[ArrayLike], label: int, run_id: str | None) -> Path:
        """Saves one drawing and returns its file; to undo it, remove the file.

        Raises ``DrawingsError`` if it is not a drawing of a digit, or cannot be written.
        """
        try:
            drawing = _drawing({"strokes": strokes, "label": label, "run_id": run_id})
        except (TypeError, ValueError) as error:
            raise DrawingsError(f"this cannot be saved as a drawing: {error}") from error
        text = json.dumps({"format": _FORMAT, **_values(drawing)})
        try:
            with written_aside(self.folder, text.encode()) as temporary:
                return self._linked(temporary)
        except OSError as error:
            raise DrawingsError(
                f"{self.folder} takes no drawing ({error.strerror}): it must be a writable folder "
                "with free space"
            ) from error

    def read(self) -> OwnDrawings:
        """All drawings, in order. Raises ``DrawingsError`` with the name of a damaged file."""
        return OwnDrawings([self._read(path) for path in self._files()])

    def _linked(self, temporary: Path) -> Path:
        """Under the next free number. Linking never replaces a file; renaming would."""
        files = self._files()
        number = int(files[-1].stem) + 1 if files else 1
        while True:
            path = self.folder / f"{number:05d}.json"
            try:
                path.hardlink_to(temporary)
            except FileExistsError:  # another window was faster
                number += 1
            else:
                return path

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json") if path.stem.isdecimal())

    def _read(self, path: Path) -> Drawing:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(values, dict) or values.get("format") != _FORMAT:
                raise ValueError("it has another format")
            return _drawing(values)
        except OSError as error:
            reason = str(error.strerror)
        except (KeyError, RecursionError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:100]
        raise DrawingsError(f"{path} holds no drawing ({reason}); remove it")


def _values(drawing: Drawing) -> dict[str, Any]:
    strokes = [stroke.tolist() for stroke in drawing.strokes]
    return {"label": drawing.label, "run_id": drawing.run_id, "strokes": strokes}


def _drawing(values: dict[str, Any]) -> Drawing:
    """Raises ``KeyError``, ``TypeError`` or ``ValueError`` if it is not a drawing."""
    label, run_id = values["label"], values["run_id"]
    if type(label) is not int or not 0 <= label <= 9:
        raise ValueError(f"its label is {label!r}, not one of 0, 1, …, 9")
    if not isinstance(run_id, str | None):
        raise ValueError(f"its run is {run_id!r}, not an id")
    strokes = [as_stroke(points) for points in values["strokes"]]
    if not strokes:
        raise ValueError("it has no strokes")
    return Drawing(strokes, label, run_id)
