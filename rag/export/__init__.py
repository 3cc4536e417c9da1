"""Values as other programs take them: JSON, references with links, Markdown."""
