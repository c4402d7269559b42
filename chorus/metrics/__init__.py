"""Measures of a story that no model is needed for: pure functions of its words."""

from chorus.metrics.catalogue import MEASURES, Better, Measure
from chorus.metrics.measure import MeasuredScene, MeasuredStory, measure_story

__all__ = ["MEASURES", "Better", "Measure", "MeasuredScene", "MeasuredStory", "measure_story"]
