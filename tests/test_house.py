"""The house keeps its shape: file lengths, names, doors and documents."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("paca_site", "alerts", "cameras", "inference")
EMPTY_NAMES = re.compile(r"(^|/)(utils?|helpers?|common|misc|manager)\.(py|js)$")
LONGEST = 300


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [CHECKOUT / line for line in listing.stdout.splitlines() if (CHECKOUT / line).is_file()]


def sources() -> Iterator[Path]:
    for path in tracked("*.py"):
        if "migrations" not in path.parts:
            yield path


def test_files_are_short_enough_to_read() -> None:
    long = {
        str(path.relative_to(CHECKOUT)): count
        for path in sources()
        if (count := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long


def test_names_say_something() -> None:
    assert not [str(path) for path in tracked() if EMPTY_NAMES.search(path.as_posix())]


def test_javascript_modules_do_one_thing() -> None:
    modules = tracked("static/js/*.js")
    assert modules
    assert not {path.name: count for path in modules if (count := len(path.read_text().splitlines())) >= 150}


def test_views_and_consumers_reach_objects_through_access_only() -> None:
    doors = [path for path in sources() if {"views", "consumers"} & set(path.parts) or path.name == "views.py"]
    assert doors
    direct = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in doors
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.objects\b|get_object_or_404", line) and "tests" not in path.parts
    ]
    assert not direct


def test_only_the_masking_package_holds_the_mint() -> None:
    holders = {
        path.relative_to(CHECKOUT).parent.as_posix()
        for path in sources()
        if "tests" not in path.parts and re.search(r"import MINT|masking\.mint", path.read_text())
    }
    assert holders <= {"inference/core", "inference/core/masking"}
    assert [path for path in sources() if path.name == "frames.py" and "import MINT" in path.read_text()]


def test_every_package_file_is_empty_but_the_project_s() -> None:
    full = [path for path in sources() if path.name == "__init__.py" and path.read_text().strip()]
    kept = [path for path in full if not {"tests", "models"} & set(path.parts)]  # a package of models names them all
    assert [path.relative_to(CHECKOUT).as_posix() for path in kept] == ["paca_site/__init__.py"]


def test_every_setting_has_a_row_in_the_documents() -> None:
    read: set[str] = set()
    read = set()
    paca = CHECKOUT / "paca_site"
    for path in (paca / "settings.py", paca / "options.py", paca / "embedded" / "choices.py"):
        read |= set(re.findall(r'"((?:PACA|DATABASE|REDIS)_[A-Z_]+)"', path.read_text()))
    documents = (CHECKOUT / "docs" / "settings.md").read_text()
    assert not [name for name in sorted(read) if name not in documents and name != "PACA_CAMERA"]


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|<style\b|\sstyle=\"|\son[a-z]+=\"", re.IGNORECASE)
    assert not [
        str(path.relative_to(CHECKOUT)) for path in tracked("templates/*.html") if inline.search(path.read_text())
    ]


def test_raw_colours_live_in_one_file() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(")
    sheets = [path for path in tracked("static/css/*.css") if path.name != "tokens.css"]
    assert sheets
    assert not [f"{path.name}: {found[0]}" for path in sheets if (found := colour.findall(path.read_text()))]


def test_nothing_names_the_machine_it_was_written_on() -> None:
    place = re.compile("/" + "work/|/" + "farm/|bash_" + "jobs")
    text = (".py", ".md", ".toml", ".html", ".js", ".css", ".txt", ".json")
    assert not [
        str(path) for path in tracked() if path.suffix in text and place.search(path.read_text(errors="replace"))
    ]


def test_tests_can_fail() -> None:
    hollow = [
        f"{path.name}:{node.lineno}"
        for path in sources()
        if "tests" in path.parts and path.name.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant) and node.test.value
    ]
    assert not hollow


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
