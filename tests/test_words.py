"""Every sentence of the product has its Norwegian one, and what is shipped is what was written."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from tests.test_house import CHECKOUT, sources, tracked

FOLDER = CHECKOUT / "paca_site" / "locale" / "nb" / "LC_MESSAGES"
SAYING = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"""\b(?:gettext|_)\(u?(?P<one>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
COUNTED = re.compile(r"""\bngettext\(u?(?P<one>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
IN_SCRIPT = re.compile(r'\bn?gettext\((?P<one>"(?:[^"\\]|\\.)*")')
VALUE = re.compile(r"%\(\w+\)s|\{\w*(?:[:!][^}]*)?\}")


def catalogue(domain: str) -> polib.POFile:
    return polib.pofile(str(FOLDER / f"{domain}.po"))


def said_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def said_in_templates(path: Path) -> Iterator[str]:
    code = templatize(path.read_text())
    for pattern in (IN_TEMPLATE, COUNTED):
        for found in pattern.finditer(code):
            yield ast.literal_eval(found["one"])


def product(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.relative_to(CHECKOUT).parts[0] not in ("tests", "docs")]


def test_every_sentence_of_pages_and_messages_has_a_norwegian_one() -> None:
    known = {entry.msgid for entry in catalogue("django") if entry.translated()}
    said = {text: path for path in product(sources()) for text in said_in_python(path)}
    said |= {text: path for path in tracked("templates/*.html") for text in said_in_templates(path)}
    assert len(said) > 1000
    assert not {text: str(path.relative_to(CHECKOUT)) for text, path in said.items() if text and text not in known}


def test_every_sentence_of_the_scripts_has_a_norwegian_one() -> None:
    known = {entry.msgid for entry in catalogue("djangojs") if entry.translated()}
    said = {
        ast.literal_eval(found["one"])
        for path in tracked("static/js/*.js")
        for found in IN_SCRIPT.finditer(path.read_text())
    }
    assert len(said) > 50
    assert not said - known


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_a_translation_keeps_the_values_and_breaks_no_attribute(domain: str) -> None:
    def values(text: str) -> set[str]:
        return set(VALUE.findall(text))

    for entry in catalogue(domain):
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for text in texts:
            assert values(text) in (values(entry.msgid), values(entry.msgid_plural)), entry.msgid
            assert '"' not in text or '"' in entry.msgid, entry.msgid  # it may stand within a quoted attribute


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_what_is_shipped_is_what_was_written(domain: str) -> None:
    written, shipped = catalogue(domain), polib.mofile(str(FOLDER / f"{domain}.mo"))
    told = {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in shipped}
    assert told == {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in written}, "run `make words`"
