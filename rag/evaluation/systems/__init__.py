"""The systems that are compared: Byline and its parts over an index, other libraries each in an
environment of its own, and any command that writes a run."""
