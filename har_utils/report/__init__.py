"""From results to the report: numbers, tables and claims in LaTeX."""

from har_utils.claims.material import (
    PUBLISHED_FILE,
    SCORES,
    Material,
    gather,
)
from har_utils.report.tabulars import (
    TOOLS,
    tables,
)
from har_utils.report.typesetting import (
    ERROR,
    ESCAPES,
    LOG_WIDTH,
    OVERFULL,
    OVERFULL_BOX,
    PROBLEMS,
    check_log,
    interval,
    latex,
    macros,
    tabular,
)
from har_utils.report.values import (
    BANNER,
    SOURCE_EPOCHS,
    numbers,
    write_generated,
)

__all__ = [
    "BANNER",
    "ERROR",
    "ESCAPES",
    "LOG_WIDTH",
    "OVERFULL",
    "OVERFULL_BOX",
    "PROBLEMS",
    "PUBLISHED_FILE",
    "SCORES",
    "SOURCE_EPOCHS",
    "TOOLS",
    "Material",
    "check_log",
    "gather",
    "interval",
    "latex",
    "macros",
    "numbers",
    "tables",
    "tabular",
    "write_generated",
]
