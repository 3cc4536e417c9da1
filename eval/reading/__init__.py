"""Reading archives of mixed formats: what comes back, how long it takes, and in what memory."""
