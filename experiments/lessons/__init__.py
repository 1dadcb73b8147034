"""What the sweeps named ``lesson_…`` teach, as claims that their runs must show."""
