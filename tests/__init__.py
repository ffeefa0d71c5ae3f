"""Tests of the project. A busy machine is no failure: no property has a deadline."""

from hypothesis import settings

settings.register_profile("stipple", deadline=None)
settings.load_profile("stipple")
