"""Archives in Milvus: vectors in its collections, and the other files of a snapshot beside them.

The only package that knows pymilvus, which is imported when an address is opened.
"""
