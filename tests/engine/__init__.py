"""The parts of the engine's code that need nothing of its environment."""
