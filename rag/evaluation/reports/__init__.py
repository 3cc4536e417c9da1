"""Reports on saved runs: two compared, or several on one HTML page."""
