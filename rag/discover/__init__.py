"""What there is to ask of an archive: its names, and questions that it answers."""
