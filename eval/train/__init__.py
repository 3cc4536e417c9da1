"""Training of the reader, and the calibration of its confidence."""
