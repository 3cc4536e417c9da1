"""The commands of `byline`, a module for each family; `rag.__main__` runs them.

They do the work through `rag.Archive`. Imports of weight stand inside the commands, so that
`byline --help` answers at once.
"""
