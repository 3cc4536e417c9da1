"""The index on disk: passages, vectors, BM25 and near-duplicates, in snapshots."""
