import pytest

from chorus.experiments.student import t_quantile, t_share_within


@pytest.mark.parametrize(
    ("share", "freedom", "value"),  # a printed table
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.3027),
        (0.975, 5, 2.5706),
        (0.975, 19, 2.0930),
        (0.975, 120, 1.9799),
        (0.8, 5, 0.9195),
        (0.9995, 3, 12.9240),
        (0.95, 30, 1.6973),
    ],
)
def test_quantiles_are_those_of_a_printed_table(share: float, freedom: int, value: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(value, abs=6e-5)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12, 99])
def test_a_quantile_is_where_its_share_lies(freedom: int) -> None:
    assert t_share_within(t_quantile(0.975, freedom), freedom) == pytest.approx(0.95, abs=1e-9)
