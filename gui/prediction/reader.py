"""A recognizer with its past: which run it is, after which epoch, how far it can be trusted."""

from dataclasses import dataclass

from gui.recognizer import Recognizer
from nnscratch.inspection.calibration import Calibration


@dataclass(frozen=True, eq=False)
class Reader:
    """Who reads the drawing. ``run_id`` is None for a network that is no run of the store."""

    recognizer: Recognizer
    source: str  # in a few words
    run_id: str | None = None
    data: str | None = None  # what it learnt from
    taught_from: str | None = None  # the run that it is a tuned copy of
    epoch: int | None = None  # None: the best weights
    epochs: tuple[int, ...] = ()  # those whose weights were kept
    calibration: Calibration | None = None
