"""Measures of archives in Milvus: what they cost, and what is found in them."""
