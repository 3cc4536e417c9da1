"""What a hostile reader, file, visitor or disk can do: each is tried often, and faults counted."""
