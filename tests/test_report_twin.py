"""The report as a page: the same text, numbers, tables, figures and links."""

import re
import shutil

import pytest
from test_report import TEXT, figures_used, generated, material, smoke  # noqa: F401  (fixtures)

from har_utils.report import agreement, links, tex, twin


@pytest.fixture
def written(generated):  # noqa: F811
    """The report with our macros filled in."""
    return twin.filled_in(tex.SOURCES, generated[0].parent, links.IN_SITE)


def test_filled_in_leaves_none_of_our_macros(written):
    assert re.findall(r"\\har\w*", written) == []
    assert r"\source" not in written


def test_filled_in_has_every_figure_table_and_claim(written, generated):  # noqa: F811
    for name in figures_used():
        assert f"{{figures/{name}.png}}" in written
    tables = [path for path in generated if path.stem.startswith("table_")]
    by_hand = TEXT.count(r"\begin{tabular}")
    assert written.count(r"\begin{tabular}") == len(tables) + by_hand
    assert r"\theirs" not in written
    numbers = next(path for path in generated if path.stem == "numbers").read_text()
    said = dict(agreement.DEFINED.findall(numbers))
    assert said["claim.choices"] in written


def test_filled_in_links_figures_to_lessons_and_numbers_to_runs(written):
    assert r"\href{./11_comparison.html}{[Lesson~11]}" in written
    assert r"\href{../results/cnn_1d/}{1D-CNN}" in written


def test_filled_in_refuses_an_unknown_number(tmp_path, generated):  # noqa: F811
    (tmp_path / "report.tex").write_text(r"\begin{document}\har{no.such}\end{document}")
    with pytest.raises(tex.TexError, match=r"Undefined number: no\.such"):
        twin.filled_in(tmp_path, generated[0].parent, links.IN_SITE)


def test_make_is_none_without_pandoc(tmp_path, monkeypatch):
    monkeypatch.setattr(twin, "find", lambda: None)
    assert twin.make(tmp_path) is None


def test_make_gives_a_page_with_formulas_tables_and_links(generated, tmp_path):  # noqa: F811
    if twin.find() is None:
        pytest.skip("needs pandoc")
    shutil.copytree(generated[0].parent, tmp_path / "generated")
    page = twin.make(tmp_path)
    assert page.count("<table") == page.count("<caption")
    assert page.count("<img") == len(figures_used())
    assert '<a href="./11_comparison.html">' in page
    assert "<math" in page
    assert "References" in page or "csl-entry" in page
