"""How long it takes to find articles without a question, in an archive of made ones."""
