"""Helper package of the course on recognising human activity from a smartphone's sensors."""

__version__ = "0.1.0"
