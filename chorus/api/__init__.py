"""Chorus over HTTP: thin routes over the studio and the repositories, and the events of runs as they happen."""
