"""The machinery: what must be made, executing notebooks, publishing, pages."""

import sys

# What nbformat checks notebooks with would also check web addresses, which none of them has, and
# prepares a grammar for that: more than a second in every process. It goes without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
