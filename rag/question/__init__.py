"""Questions understood: rewritten from the conversation, parsed, with the expected answer type."""
