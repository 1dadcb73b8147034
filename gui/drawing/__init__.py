"""Where the user draws: the canvas, the strokes with undo and redo, the brush."""
