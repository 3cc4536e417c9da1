"""The neural models that Byline runs: encoder, cross-encoders, reader and chat model."""
