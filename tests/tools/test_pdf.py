"""Pages become one document: each link that led to a page of the book leads to its place in it."""

import pdf
import pytest

PAGE = """<html><head>{next}</head><body><article class="bd-article"><h1 id="top">{title}</h1>
<a href="#top">a</a><a href="b.html">b</a><a href="b.html#top">c</a><a href="https://d.org/b">d</a>
<a href="../_images/x.png"><img alt="shown" src="../_images/x.png"/></a>
<section id="s"><h2>Part</h2></section><details><p>folded</p></details><script>gone</script>
</article></body></html>"""
WHERE = {
    "#top": "#a--top",
    "b.html": "#b",
    "b.html#x": "#b--x",
    "https://d.org/b.html#x": "https://d.org/b.html#x",
    "mailto:a@d.org": "mailto:a@d.org",
    "../_sources/a.ipynb": "../_sources/a.ipynb",
}


@pytest.mark.parametrize("address", WHERE)
def test_a_link_leads_into_the_document(address):
    assert pdf.inside("a", address) == WHERE[address]


def test_the_pages_follow_each_other_and_every_link_has_its_place(tmp_path):
    following = '<link rel="next" href="b.html">'
    (tmp_path / "a.html").write_text(PAGE.format(next=following, title="First"))
    (tmp_path / "b.html").write_text(PAGE.format(next="", title="Second"))
    soup = pdf.BeautifulSoup(pdf.whole(tmp_path / "a.html"), "html.parser")
    assert [h.get_text() for h in soup.find_all("h1")] == ["First", "Contents", "Second"]
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in soup.find_all("a") if a["href"].startswith("#")]
    assert len(links) == 8
    assert {a["href"] for a in soup.find_all("a")} == {*links, "https://d.org/b"}
    assert len(soup.find_all("img", alt="shown")) == 2  # without a link to this machine
    assert {link[1:] for link in links} <= set(ids)
    assert all(tag.has_attr("open") for tag in soup.find_all("details"))
    assert "gone" not in soup.get_text()


def test_names_of_elements_do_not_count_what_scripts_made():
    one = b"/ID (node00000457) /A << /Headers [(node00000457) (node00000031)] >> node00000031"
    other = one.replace(b"457", b"458")
    assert pdf.renumbered(one) == pdf.renumbered(other)
    assert pdf.renumbered(one) == one.replace(b"(node00000457", b"(node00000001").replace(
        b"(node00000031", b"(node00000000"
    )


def test_the_date_is_that_of_the_sources(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    assert pdf.date() == "D:20200913122640Z"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert pdf.date() > "D:2026"
