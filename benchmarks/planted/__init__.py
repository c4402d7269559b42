"""Scenes with and without planted faults, written for this purpose: what the continuity checks are measured by."""
