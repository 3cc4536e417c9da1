"""Chat models that write answers: a server's, or one that runs in this process.

`load.load` goes from a name to a model.
"""
