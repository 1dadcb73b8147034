"""Short warnings about a prediction; an empty text if there is none."""

from gui.drawing.drawing import Drawing
from gui.recognizer import Prediction
from nnscratch.inspection.calibration import Calibration

THICK = 0.3  # brush width / size of the drawing: above, the published pipeline sees blobs
SURE = 0.8  # the least confidence that is worth a warning
_GAP = 0.05  # by how much the accuracy is below the confidence
_ENOUGH = 20  # samples in a bin


def note(calibration: Calibration | None, prediction: Prediction | None) -> str:
    """Warns if such confident predictions were less accurate on the validation images."""
    if calibration is None or prediction is None or prediction.confidence < SURE:
        return ""
    at = calibration.bin(prediction.confidence)
    samples, right = calibration.samples[at], calibration.right[at]
    if samples < _ENOUGH or right / samples >= calibration.edges[at] - _GAP:
        return ""
    return f"when this sure, it was right on {right / samples:.0%} of {samples} validation images"


def too_thick(drawing: Drawing) -> str:
    """Warns if the brush is too thick for the size of the drawing."""
    points = [point for path in drawing.paths for point in path]
    if not points:
        return ""
    size = max(max(axis) - min(axis) for axis in zip(*points, strict=True))
    if drawing.width <= THICK * size:
        return ""
    return "the brush is too thick for this small drawing: draw larger, or thinner with ["
