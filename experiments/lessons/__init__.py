"""What the sweeps named ``lesson_…`` teach, said in claims that their runs have to show."""
