"""What the line from camera to mask says of itself, in the reader's language.

The core knows no languages: it writes English sentences into frames, counts and states. Pages put the reader's words in
their place here, at the edge; a sentence that is not in the table is shown as the core wrote it, never dropped.
"""

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LINE_WORDS: Final[dict[str, "StrOrPromise"]] = {
    "the picture is too dark": _("the picture is too dark"),
    "the picture is empty (is the lens covered?)": _("the picture is empty (is the lens covered?)"),
    "the picture is extremely blurred": _("the picture is extremely blurred"),
    "the picture changed at once (another scene, or the camera was turned)": _(
        "the picture changed at once (another scene, or the camera was turned)"
    ),
    "the camera moved": _("the camera moved"),
    "the camera was turned: check its zones": _("the camera was turned: check its zones"),
    "the masker is too slow": _("the masker is too slow"),
    "the masker is still busy with an earlier frame": _("the masker is still busy with an earlier frame"),
    "the masker hangs": _("the masker hangs"),
    "the masker failed": _("the masker failed"),
    "the masking stage failed": _("the masking stage failed"),
    "the network gave no probabilities": _("the network gave no probabilities"),
    "masking down: other": _("other reasons"),
    "masking down": _("masking down"),
    "other reasons": _("other reasons"),
    "no frame for": _("no frame for"),
}
"""By the core's own sentence (tests/cameras/test_line_words.py compares the two)."""
_KNOWN: Final = re.compile("|".join(re.escape(words) for words in sorted(LINE_WORDS, key=len, reverse=True)))


def line_words(text: str) -> str:
    """Return a text of the core with each sentence that is known in the reader's language; numbers stay."""
    return _KNOWN.sub(lambda found: str(LINE_WORDS[found[0]]), text)


def line_words_now() -> dict[str, str]:
    """Return the table in the reader's language, longest sentence first, for scripts that show the core's words."""
    return {words: str(LINE_WORDS[words]) for words in sorted(LINE_WORDS, key=len, reverse=True)}
