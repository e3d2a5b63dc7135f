import ast
import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PAGE = CHECKOUT / "docs" / "security.md"
NAMED = re.compile(r"`((?:paca_site|cameras|alerts|inference|tests|templates|static|docs)/[\w./-]+?)(?:::(\w+))?`")
STATES = {"held", "not applicable", "**not held**", "partly held"}


def rows() -> list[list[str]]:
    lines = [line.strip("|").split("|") for line in PAGE.read_text().splitlines() if re.match(r"\| V\d", line)]
    return [[cell.strip() for cell in line] for line in lines]


def functions_of(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def test_every_file_and_every_test_that_the_page_names_is_there() -> None:
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 60
    gone = [path for path, _ in named if not (CHECKOUT / path).exists()]
    assert not gone
    assert not [f"{path}::{test}" for path, test in named if test and test not in functions_of(CHECKOUT / path)]


def test_every_row_has_one_of_the_words_and_what_is_held_names_a_test() -> None:
    found = rows()
    assert {int(re.findall(r"V(\d+)", row[0])[0]) for row in found} == set(range(1, 18))  # no chapter is left out
    for row in found:
        assert len(row) == 4, row
        assert row[2] in STATES, row
        assert row[2] != "held" or "`tests/" in row[3], row


def test_what_is_not_held_stands_in_the_list_of_open_points_too() -> None:
    text = PAGE.read_text()
    listed = set(re.findall(r"^- (V\d+\.\d+)", text.split("## Open")[1], re.MULTILINE))
    told = {row[0].split()[0] for row in rows() if row[2] in {"**not held**", "partly held"}}
    assert told == listed
