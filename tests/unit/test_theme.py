"""The theme can be read by everybody: contrast as WCAG 2.2 AA asks, chart colours apart for the colour-blind too."""

import itertools
import math
import tomllib
from typing import Any

import pytest
from streamlit import config
from streamlit.runtime.context import ContextProxy, StreamlitTheme

from chorus.ui import charts
from tests.conftest import ROOT

CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
THEME: dict[str, Any] = CONFIG["theme"]

# How linear RGB looks with one kind of cone missing. Source: Machado, Oliveira, Fernandes (2009), severity 1.
EYES = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanope": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranope": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanope": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def mix(weights: tuple[float, float, float], colour: list[float]) -> float:
    return sum(w * c for w, c in zip(weights, colour, strict=True))


def luminance(colour: str) -> float:
    return mix((0.2126, 0.7152, 0.0722), linear(colour))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    """CIELAB of a colour as an eye sees it."""
    rgb = [min(1.0, max(0.0, mix(row, linear(colour)))) for row in EYES[eye]]
    white = ((0.9505, (0.4124, 0.3576, 0.1805)), (1.0, (0.2126, 0.7152, 0.0722)), (1.089, (0.0193, 0.1192, 0.9505)))
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (mix(row, rgb) / whole for whole, row in white)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def grounds(mode: str) -> list[str]:
    return [part[key] for part in (THEME[mode], THEME[mode]["sidebar"]) for key in BACKGROUNDS]


BACKGROUNDS = ("backgroundColor", "secondaryBackgroundColor")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_letters_of_a_chart_can_be_read(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContextProxy, "theme", StreamlitTheme({"type": mode}))
    drawn = charts.chart([], 200, across={"title": "Tokens"}).to_dict()["layout"]
    axis = drawn["xaxis"]
    letters = [part["font"]["color"] for part in (drawn, drawn["legend"], axis["title"])] + [axis["tickfont"]["color"]]
    assert all(contrast(colour, ground) >= 4.5 for colour in letters for ground in grounds(mode))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("colour", ["textColor", "primaryColor", "linkColor"])
def test_text_can_be_read_on_every_ground(mode: str, colour: str) -> None:
    assert min(contrast(THEME[mode][colour], ground) for ground in grounds(mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_chart_colours_stand_out_from_the_ground(mode: str) -> None:
    colours = THEME[mode]["chartCategoricalColors"]
    assert min(contrast(colour, THEME[mode]["backgroundColor"]) for colour in colours) >= 2.95


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_chart_colours_differ_for_every_eye(mode: str, eye: str) -> None:
    colours = [seen(colour, eye) for colour in THEME[mode]["chartCategoricalColors"]]
    assert min(math.dist(one, other) for one, other in itertools.combinations(colours, 2)) >= 18
    assert min(math.dist(one, other) for one, other in itertools.combinations(colours[:4], 2)) >= 22


@pytest.mark.parametrize(("mode", "darkens"), [("light", True), ("dark", False)])
def test_the_sequence_runs_one_way(mode: str, darkens: bool) -> None:
    steps = [luminance(colour) for colour in THEME[mode]["chartSequentialColors"]]
    assert len(steps) == 10
    assert steps == sorted(steps, reverse=darkens)


def test_no_font_is_fetched_from_elsewhere() -> None:
    named = [THEME.get(key, "") for key in ("font", "headingFont", "codeFont")]
    assert not any("http" in name for name in named)
    assert "fontFaces" not in THEME


def test_streamlit_knows_every_option() -> None:
    known = set(config.get_config_options())

    def names(part: dict[str, Any], prefix: str = "") -> list[str]:
        return [
            name
            for key, value in part.items()
            for name in (names(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"])
        ]

    assert set(names(CONFIG)) <= known
