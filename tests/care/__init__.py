"""Tests of the clinic's rules."""
