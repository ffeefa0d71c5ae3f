"""Danger signs: read in every patient message before anything else, and without Rasa."""
