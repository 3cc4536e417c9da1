"""The project's own questions, and copies of others' data."""
