"""The web chat under load: visitors, how long each waits, and the page in a browser."""
