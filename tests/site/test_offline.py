"""A file that asks another host for something is seen; a file that only names one is not."""

import pytest
from bookpages.offline import loads

LOADING = {
    "a.css": "@import url('https://example.org/a.css');",
    "b.css": "p {background: url(//example.org/a.png)}",
    "a.js": "fetch('https://example.org/a.json')",
    "b.js": "script.src = `https://example.org/a.js`",
    "c.js": "import {a} from 'https://example.org/a.js'",
    "d.js": 'import "//example.org/a.js"',
    "a.svg": '<svg><image href="https://example.org/a.png"/></svg>',
    "a.html": '<img src="https://example.org/a.png">',
    "b.html": '<link rel="preconnect" href="https://example.org">',
    "c.html": '<p style="background: url(https://example.org/a.png)">',
    "d.html": '<script src="https://example.org/a.js"></script>',
    "e.html": '<link rel="stylesheet" href="//example.org/a.css">',
    "f.html": "<style>@import 'https://example.org/a.css';</style>",
    "g.html": "<style>p {background: url(https://example.org/a.png)}</style>",
    "h.html": "<script>fetch('https://example.org/a.json')</script>",
    "i.html": "<script>s.src = 'https://example.org/a.js'</script>",
    "j.html": '<img src="a.png" srcset="https://example.org/a.png 2x">',
}
NAMING = {
    "a.css": "/* https://example.org */ p {background: url(a.png)}",
    "a.js": "// see https://example.org\nconst ns = 'http://www.w3.org/2000/svg'",
    "a.svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="a.png"/></svg>',
    "a.html": '<a href="https://example.org">out</a><link rel="canonical" href="https://a.org">',
}


@pytest.mark.parametrize("name", LOADING)
def test_a_load_is_seen(name):
    assert len(loads(name, LOADING[name])) == 1


@pytest.mark.parametrize("name", NAMING)
def test_a_name_is_no_load(name):
    assert loads(name, NAMING[name]) == []
