from datetime import timedelta

import pytest

from chorus.cli.pruning import age_of
from chorus.errors import InvalidInput


@pytest.mark.parametrize("told", ["90d", "90", " 90d "])
def test_an_age_is_told_in_days(told: str) -> None:
    assert age_of(told) == timedelta(days=90)


@pytest.mark.parametrize("told", ["", "0d", "-1d", "3h", "ninety", "999999d"])
def test_what_is_no_age_is_refused(told: str) -> None:
    with pytest.raises(InvalidInput, match="as in 90d"):
        age_of(told)
