"""Looks at every part of Chorus and says how it is and what to do; starts nothing, writes nothing, costs nothing.

``inspect`` answers also where nothing works: no database, no endpoint, wrong settings.
"""

from chorus.inspection.inspect import inspect
from chorus.inspection.report import Area, Condition, Part, Report

__all__ = ["Area", "Condition", "Part", "Report", "inspect"]
