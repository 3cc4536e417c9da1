"""Answers in the articles' own words: extracted, compared, composed and given a confidence."""
