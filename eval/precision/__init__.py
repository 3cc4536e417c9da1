"""Precisions of the encoder: what a network needs to be put in int8, and what each precision costs
and gives."""
