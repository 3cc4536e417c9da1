"""The chat without its framework: conversations, uploads, visitors, and the page's HTML."""
