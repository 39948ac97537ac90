"""Figures come from benchmarks: on a busy machine a slow example is no fault."""

from hypothesis import settings

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
