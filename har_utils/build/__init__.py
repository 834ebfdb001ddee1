"""The machinery: what must be made, executing notebooks, publishing, pages."""

from har_utils.build.imports import without_address_grammar

without_address_grammar()
