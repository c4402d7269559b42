"""The graph of relations: names stand outside of the circle in which the lines run."""

from itertools import combinations
from math import hypot

import pytest

from chorus.ui.charts_of_story import relations

_SIDE = {"right": (1, 0), "left": (-1, 0), "center": (0, 0), "top": (0, 1), "bottom": (0, -1), "middle": (0, 0)}


@pytest.mark.parametrize("people", range(2, 13))
def test_a_name_stands_on_the_side_of_its_node_that_no_line_crosses(people: int) -> None:
    names = [f"Person {number}" for number in range(people)]
    nodes = relations(names, [(a, "knows", b, "") for a, b in combinations(names, 2)]).data[-1]
    for x, y, side in zip(nodes.x, nodes.y, nodes.textposition, strict=True):
        up, across = (_SIDE[word] for word in side.split())
        assert hypot(x + 0.1 * across[0], y + 0.1 * up[1]) > 1.05, (people, side)
