"""The dashboard: what the pages show and how they ask the studio for it.

Pages stay thin: they read through ``reads``, draw with the modules named after what they draw, and hand every command
to the one studio that lives on the background loop of ``backend``.
"""
