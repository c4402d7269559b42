"""A set of words written as a text: lists of hundreds are read as prose is, in lines."""


def words_of(text: str) -> frozenset[str]:
    """The words between white space."""
    return frozenset(text.split())
