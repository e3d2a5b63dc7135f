"""Numbers in Norwegian pages: written as in English ones, with a point.

What an operator reads aloud is then the same in both languages, in exports and in the audit trail, and a number within
a drawing or a data attribute stays one that browsers can read. Dates are written as 2026-11-23 everywhere.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ""
