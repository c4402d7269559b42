"""Leave what stays to itself: the garbage collector has better things to do than to look at the libraries.

Streamlit collects all garbage at the end of every script and every fragment. With the libraries loaded that is 150 ms,
in which nobody else in the process gets a word in; with what is loaded set aside it is next to nothing.
"""

import gc


def set_aside() -> None:
    """Take all that lives now out of the collector's sight, for good; what is garbage already is collected first."""
    gc.collect()
    gc.freeze()
