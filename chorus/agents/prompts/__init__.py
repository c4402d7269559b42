"""What the agents say to models: pure functions from values to prompts, each with a version.

Whoever changes the wording raises the version, so that recorded answers are never mistaken for answers to other words.
Nothing here holds an id or a time. Context is told in sentences rather than under labels: small models copy labels into
their prose.
"""
