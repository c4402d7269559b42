"""What a stranger wrote is never a formula of whoever opens the table."""

import csv
import io

import pandas as pd
import pytest

from chorus.export.spreadsheet import csv_of, harmless

FORMULAS = ['=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_a_text(formula: str) -> None:
    assert harmless(formula) == f"'{formula}"
    written = csv_of(["title", formula], [{"title": formula, formula: "The Lamp"}])
    assert list(csv.reader(io.StringIO(written.decode(), newline=""))) == [
        ["title", f"'{formula}"],
        [f"'{formula}", "The Lamp"],
    ]


def test_figures_and_words_stay_as_they_are() -> None:
    row = {"title": 'Lamp, "so"\ncalled', "change": -0.5, "calls": 3, "cost": None}
    written = csv_of(list(row), [row])
    read = pd.read_csv(io.BytesIO(written)).iloc[0].to_dict()
    assert read == pytest.approx(row | {"cost": float("nan")}, nan_ok=True)
