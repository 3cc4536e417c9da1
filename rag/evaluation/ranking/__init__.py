"""Measures of retrieval: systems, rankings, ablation and latency."""
