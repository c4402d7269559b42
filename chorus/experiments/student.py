"""Student's t for whole degrees of freedom, in closed form; scipy is not worth its size for one quantile."""

from functools import cache
from math import atan, cos, pi, prod, sin, sqrt


def t_share_within(t: float, freedom: int) -> float:
    """The probability that T is at most ``t`` away from nothing.

    Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    angle = atan(t / sqrt(freedom))
    c, s = cos(angle), sin(angle)
    if freedom % 2:
        terms = (prod(range(2, k, 2)) / prod(range(3, k + 1, 2)) * c**k for k in range(1, freedom - 1, 2))
        return 2 / pi * (angle + s * sum(terms))
    even = (prod(range(1, k, 2)) / prod(range(2, k + 1, 2)) * c**k for k in range(0, freedom - 1, 2))
    return s * sum(even)


@cache
def t_quantile(share: float, freedom: int) -> float:
    """The value below which T lies with probability ``share``; 0.5 < ``share`` < 1."""
    low, high = 0.0, 1.0
    while t_share_within(high, freedom) < 2 * share - 1:
        low, high = high, high * 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_share_within(middle, freedom) < 2 * share - 1 else (low, middle)
    return (low + high) / 2
