"""Settings compared honestly: what an experiment varies, how it is conducted, and what may be said of its outcome."""
