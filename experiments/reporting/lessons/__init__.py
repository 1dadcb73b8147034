"""The picture of each lesson, drawn from figures that the lesson has read from its runs."""
