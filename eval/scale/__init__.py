"""How an index grows: time, memory, disk and recall by the number of passages."""
