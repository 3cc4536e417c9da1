"""Evaluation of quoted answers: judging against gold, scoring, and abstention."""
