"""Readers of what comes as mail does: messages, mailboxes, and pages saved as one message."""
