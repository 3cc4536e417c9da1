"""The web chat as a process that is measured."""
