"""Stipple's language understanding: one custom component and the small parts it is made of."""
