"""A network with what is known about it: its run, its epoch, its calibration."""

from dataclasses import dataclass

from gui.recognizer import Recognizer
from nnscratch.inspection.calibration import Calibration


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network of the window. ``run_id`` is None for a network from a file."""

    recognizer: Recognizer
    source: str  # a short text: the run or the file
    run_id: str | None = None
    data: str | None = None  # the data set of its training
    taught_from: str | None = None  # the run whose network was tuned
    epoch: int | None = None  # None: the best weights
    epochs: tuple[int, ...] = ()  # the epochs whose weights the run kept
    calibration: Calibration | None = None
