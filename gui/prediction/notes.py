"""What to mind about a prediction, in a few words; empty where there is nothing to say."""

from gui.drawing.drawing import Drawing
from gui.recognizer import Prediction
from nnscratch.inspection.calibration import Calibration

THICK = 0.3  # pen beside drawing: from here on the pixel pipeline sees blobs
SURE = 0.8
_GAP = 0.05  # how much less often right than sure
_ENOUGH = 20  # samples in a bin


def note(calibration: Calibration | None, prediction: Prediction | None) -> str:
    """That the network was wrong, on validation data, more often than it was sure like this."""
    if calibration is None or prediction is None or prediction.confidence < SURE:
        return ""
    at = calibration.bin(prediction.confidence)
    samples, right = calibration.samples[at], calibration.right[at]
    if samples < _ENOUGH or right / samples >= calibration.edges[at] - _GAP:
        return ""
    return f"as sure of {samples} validation images, it was right on {right / samples:.0%}"


def too_thick(drawing: Drawing) -> str:
    """That the pen is too thick for the size of the drawing."""
    points = [point for path in drawing.paths for point in path]
    if not points:
        return ""
    size = max(max(axis) - min(axis) for axis in zip(*points, strict=True))
    if drawing.width <= THICK * size:
        return ""
    return "the pen is thick for so small a drawing: draw larger, or thinner with ["
