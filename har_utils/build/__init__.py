"""The machinery: what must be made, executing notebooks, publishing, pages."""
