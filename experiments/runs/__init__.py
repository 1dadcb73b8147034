"""What a logged run is, without MLflow: its summary, tags, filters and ranking."""
