"""The words of Chorus as frozen values: no I/O, no library but pydantic."""
