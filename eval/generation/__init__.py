"""Evaluation of written answers, and of the verifier that checks them."""
