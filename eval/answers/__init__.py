"""Measures of answers in quotes: judged against gold, scored, and told from no answer."""
