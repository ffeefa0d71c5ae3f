"""Rasa's custom actions: each reads the record, asks `stipple.care`, and answers with an envelope."""
