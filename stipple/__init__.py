"""Stipple: the aftercare assistant for scalp micropigmentation clinics."""
