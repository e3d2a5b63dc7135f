"""Reading a questionnaire from YAML (docs/assessments.md describes the format); a bad file says where and what.

questionnaire: fundamental-rights        # key, lower-case words with hyphens
version: 1                               # whole number; raise it with every change
title: Fundamental rights
required: true                           # no camera runs without a signed assessment
sections:
  - title: Lawfulness
    questions:
      - key: legal-basis
        text: Which rule allows it?
        guidance: What a good answer tells.      # may be absent
        depends_on: [cameras, retention]         # values of `Aspect`; may be empty
        choices: ["yes", "partly", "no"]         # may be absent: words only
        example: The answer of the demo site.    # may be absent, with choices: `[choice, words]`
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from cameras.assessing.aspects import Aspect

SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_BYTES: Final = 500_000
MOST_QUESTIONS: Final = 200
TOP: Final = {"questionnaire": True, "version": True, "title": True, "required": True, "sections": True}
SECTION: Final = {"title": True, "questions": True}
QUESTION: Final = {
    "key": True,
    "text": True,
    "depends_on": True,
    "guidance": False,
    "choices": False,
    "example": False,
}


class QuestionnaireError(Exception):
    """A questionnaire's file cannot be used; says the file, the line, what, what is allowed and what was given."""


@dataclass(frozen=True, slots=True)
class QuestionnaireFile:
    """What a file says.

    Attributes:
        slug: key of the questionnaire.
        version: from 1.
        title: for people.
        is_required: whether cameras run only with a signed assessment.
        sections: JSON-able: `[{"title", "questions": [{"key", "text", "depends_on", "guidance", "choices",
            "example"}]}]`, every field of a question there.
    """

    slug: str
    version: int
    title: str
    is_required: bool
    sections: list[dict[str, Any]]


class _Reader:
    """Walks the nodes of one file; every complaint names the line of the node it is about."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[str, int] = {}

    def fail(self, node: yaml.Node | None, message: str) -> QuestionnaireError:
        line = f", line {node.start_mark.line + 1}" if node is not None else ""
        return QuestionnaireError(f"{self._name}{line}: {message}")

    def fields(self, node: yaml.Node, what: str, allowed: dict[str, bool]) -> dict[str, yaml.Node]:
        """Return the nodes of a mapping by key, none unknown, none twice, all required ones there."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be fields ({', '.join(allowed)}); got {_shown(node)}.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in allowed:
                raise self.fail(key, f"{what} may have the fields {', '.join(allowed)}; got {key.value!r}.")
            if key.value in found:
                raise self.fail(key, f"{what} has the field {key.value!r} twice.")
            found[key.value] = value
        missing = [name for name, is_needed in allowed.items() if is_needed and name not in found]
        if missing:
            raise self.fail(node, f"{what} must have the fields {', '.join(missing)}, and has not.")
        return found

    def items(self, node: yaml.Node, what: str, *, may_be_empty: bool = False) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not (node.value or may_be_empty):
            raise self.fail(
                node, f"{what} must be a list{'' if may_be_empty else ' of at least one'}; got {_shown(node)}."
            )
        return list(node.value)

    def text(self, node: yaml.Node, what: str, longest: int) -> str:
        given = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if not given or len(given) > longest:
            raise self.fail(node, f"{what} must be words, at most {longest} characters; got {_shown(node)}.")
        return str(given)

    def slug(self, node: yaml.Node, what: str) -> str:
        given = self.text(node, what, 60)
        if not SLUG.fullmatch(given):
            raise self.fail(node, f"{what} must be lower-case words with hyphens, such as legal-basis; got {given!r}.")
        return given

    def one_of(self, node: yaml.Node, what: str, allowed: Sequence[str]) -> str:
        given = node.value if isinstance(node, yaml.ScalarNode) else None
        if given not in allowed:
            raise self.fail(node, f"{what} must be one of {', '.join(allowed)}; got {_shown(node)}.")
        return str(given)

    def question(self, node: yaml.Node) -> dict[str, Any]:
        found = self.fields(node, "A question", QUESTION)
        key = self.slug(found["key"], "The key of a question")
        if key in self._keys:
            raise self.fail(found["key"], f"Keys must be unique; {key!r} stands in line {self._keys[key]} already.")
        self._keys[key] = found["key"].start_mark.line + 1
        depends = self.items(found["depends_on"], f"depends_on of {key}", may_be_empty=True)
        choices = self.items(found["choices"], f"choices of {key}") if "choices" in found else []
        options = [self.text(item, f"A choice of {key}", 80) for item in choices]
        read: dict[str, Any] = {
            "key": key,
            "text": self.text(found["text"], f"The text of {key}", 500),
            "guidance": self.text(found["guidance"], f"The guidance of {key}", 1000) if "guidance" in found else "",
            "depends_on": [self.one_of(item, f"depends_on of {key}", Aspect.values) for item in depends],
            "choices": options,
            "example": ["", ""],
        }
        if "example" in found:
            read["example"] = self.example(found["example"], key, options)
        return read

    def example(self, node: yaml.Node, key: str, choices: list[str]) -> list[str]:
        """Return choice and words; the choice is empty where the question has none."""
        if not choices:
            return ["", self.text(node, f"The example of {key}", 5000)]
        items = self.items(node, f"The example of {key}")
        if len(items) != 2:
            raise self.fail(node, f"The example of {key} must be [choice, words]; got {len(items)} items.")
        return [
            self.one_of(items[0], f"The choice in the example of {key}", choices),
            self.text(items[1], f"The words in the example of {key}", 5000),
        ]

    def whole(self, node: yaml.Node) -> QuestionnaireFile:
        top = self.fields(node, "A questionnaire", TOP)
        version = top["version"].value if isinstance(top["version"], yaml.ScalarNode) else ""
        if not (version.isdecimal() and 1 <= int(version) <= 1_000_000):
            raise self.fail(top["version"], f"version must be a whole number from 1; got {_shown(top['version'])}.")
        sections = []
        for section in self.items(top["sections"], "sections"):
            fields = self.fields(section, "A section", SECTION)
            questions = [self.question(item) for item in self.items(fields["questions"], "questions")]
            sections.append(
                {"title": self.text(fields["title"], "The title of a section", 120), "questions": questions}
            )
        if len(self._keys) > MOST_QUESTIONS:
            raise self.fail(node, f"A questionnaire may have {MOST_QUESTIONS} questions; got {len(self._keys)}.")
        return QuestionnaireFile(
            slug=self.slug(top["questionnaire"], "questionnaire"),
            version=int(version),
            title=self.text(top["title"], "title", 120),
            is_required=self.one_of(top["required"], "required", ("true", "false")) == "true",
            sections=sections,
        )


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return repr(node.value if len(node.value) <= 60 else f"{node.value[:57]}...")
    return "a list" if isinstance(node, yaml.SequenceNode) else "fields"


def questionnaire_read(path: Path) -> tuple[QuestionnaireFile, bytes]:
    """Return what a file says, and its bytes.

    Raises:
        QuestionnaireError: it cannot be read, is no YAML, or breaks the format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QuestionnaireError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(content) > LONGEST_BYTES:
        raise QuestionnaireError(f"{path.name} may have {LONGEST_BYTES} bytes; got {len(content)}.")
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)  # nodes, not values: they know their lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise QuestionnaireError(f"{path.name}{line}: no YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise QuestionnaireError(f"{path.name}: no YAML: {error}.") from error
    if node is None:
        raise QuestionnaireError(f"{path.name}: the file is empty.")
    return _Reader(path.name).whole(node), content
