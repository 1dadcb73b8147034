"""The canvas: strokes, brush, undo."""
