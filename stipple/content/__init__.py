"""The clinic's own content: what the assistant may say, loaded from ``data/clinic`` and checked."""
