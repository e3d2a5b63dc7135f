"""Text and controls can be read: contrast of the token pairs in use (WCAG 2.2: 4.5 for text, 3 for controls)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TEXTS = ("text", "text-soft", "text-faint", "strong", "high", "medium", "low", "fault")
GROUNDS = ("ground", "surface", "raised")


def tokens(theme: str) -> dict[str, str]:
    blocks = re.findall(r"^(:root[^{]*)\{(.*?)^\}", (CSS / "tokens.css").read_text(), re.MULTILINE | re.DOTALL)
    found: dict[str, str] = {}
    for selector, body in blocks:
        if selector.strip() == ":root" or theme in selector:
            found.update(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", body))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_text_and_controls_stand_out_from_every_ground(theme: str) -> None:
    colours = tokens(theme)
    faults = [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for ground in GROUNDS
        for text in (*TEXTS, "control", "focus", "accent")
        if contrast(colours[text], colours[ground]) < (4.5 if text in TEXTS else 3.0)
    ]
    pairs = [("text", "selected"), ("text-soft", "selected"), ("text", "button"), ("primary-text", "primary")]
    faults += [(a, b, contrast(colours[a], colours[b])) for a, b in pairs if contrast(colours[a], colours[b]) < 4.5]
    assert not faults


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_raw_colours_stand_only_in_the_tokens(path: Path) -> None:
    if path.name != "tokens.css":
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", path.read_text())
