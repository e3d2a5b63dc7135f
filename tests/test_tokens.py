"""Text and controls can be read: contrast of the token pairs in use (WCAG 2.2: 4.5 for text, 3 for controls)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TEXTS = ("text", "text-soft", "text-faint", "strong", "high", "medium", "low", "fault", "good", "accent")
CONTROLS = ("control", "focus", "accent")
GROUNDS = ("ground", "surface", "raised", "hover", "selected", "sunken")
TINTS = ("high", "medium", "low", "fault", "accent")
TINTED = ("ground", "surface", "raised")  # where a tint lies; what is hovered or selected has that ground instead of it
ON_BUTTONS = (
    ("text", "button"), ("text", "button-hover"), ("primary-text", "primary"), ("primary-text", "primary-hover"),
    ("ground", "accent"), ("ground", "high"), ("ground", "fault"), ("ground", "medium"),
)  # fmt: skip
THEMES = {
    "dark": [":root {"],
    "light": [":root {", ':root[data-theme="light"] {'],
    "dark, more contrast": [":root {", '  :root:not([data-theme="light"]) {'],
    "light, more contrast": [":root {", ':root[data-theme="light"] {', '  :root[data-theme="light"] {'],
}


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of a theme: `#rrggbb`, tints with their opacity `#rrggbbaa`."""
    lines = (CSS / "tokens.css").read_text().splitlines()
    found: dict[str, str] = {}
    for opening in THEMES[theme]:
        start = lines.index(opening)
        end = lines.index(opening[: len(opening) - len(opening.lstrip())] + "}", start)
        found.update(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6}(?:[0-9a-f]{2})?)\b", "\n".join(lines[start:end])))
    return found


def over(tint: str, ground: str) -> str:
    """Return the colour that a tint makes of a ground."""
    share = int(tint[7:9], 16) / 255
    pairs = ((int(tint[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(share * above + (1 - share) * below):02x}" for above, below in pairs)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def pairs(colours: dict[str, str]) -> list[tuple[str, str, str, str, float]]:
    """Return every pair that may meet: what stands out, from what, both colours, and how much it must."""
    found = [
        (text, ground, colours[text], colours[ground], 4.5 if text in TEXTS else 3.0)
        for ground in GROUNDS
        for text in dict.fromkeys((*TEXTS, *CONTROLS))
    ]
    found += [(text, ground, colours[text], colours[ground], 4.5) for text, ground in ON_BUTTONS]
    for tint in TINTS:
        for ground in TINTED:
            below = over(colours[f"{tint}-soft"], colours[ground])
            for text in ("text", "text-soft", "text-faint", "strong", tint):
                found.append((text, f"{tint}-soft over {ground}", colours[text], below, 4.5))
    return found


@pytest.mark.parametrize("theme", list(THEMES))
def test_text_and_controls_stand_out_from_every_ground(theme: str) -> None:
    told = pairs(tokens(theme))
    assert len(told) > 100
    faults = [
        f"{one} on {ground}: {contrast(a, b):.2f}, needs {least}"
        for one, ground, a, b, least in told
        if contrast(a, b) < least
    ]
    assert not faults


@pytest.mark.parametrize("theme", ["dark, more contrast", "light, more contrast"])
def test_who_asks_for_more_contrast_gets_seven_to_one_for_all_plain_text(theme: str) -> None:
    colours = tokens(theme)
    plain = [(text, ground) for text in ("text", "text-soft", "text-faint", "strong") for ground in GROUNDS]
    faults = [
        (a, b, round(contrast(colours[a], colours[b]), 2)) for a, b in plain if contrast(colours[a], colours[b]) < 7
    ]
    assert not faults


def test_whatever_moves_stops_for_who_wants_less_motion() -> None:
    """Scripts move nothing by themselves; what style sheets move is stopped in one place for all of them."""
    base = (CSS / "base.css").read_text()
    stopped = base[base.index("@media (prefers-reduced-motion: reduce)") :]
    for line in ("animation: none !important", "transition: none !important", "scroll-behavior: auto !important"):
        assert line in stopped
    assert "*::before" in stopped
    for path in CSS.glob("*.css"):
        for rule in re.findall(r"(?:animation|transition)[\w-]*:[^;]*;", path.read_text()):
            assert path.name == "base.css" or "!important" not in rule, f"{path.name}: {rule} cannot be stopped"
    for path in (CSS.parent / "js").glob("*.js"):
        assert not re.search(r"\.animate\(|behavior:\s*[\"']smooth", path.read_text()), path.name


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_raw_colours_stand_only_in_the_tokens(path: Path) -> None:
    if path.name != "tokens.css":
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", path.read_text())
