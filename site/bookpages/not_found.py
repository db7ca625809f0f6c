"""`404.html`, which a host shows at whatever address was asked for, however deep.

No relative address holds there, so the page loads nothing; a script finds the book's root by
asking for it one folder up at a time, and without scripts the page says what to do.
"""

from pathlib import Path

from sphinx.application import Sphinx

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="description" content="{title}: there is no page at this address.">
<link rel="icon" href="data:,">
<title>No such page - {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.6 sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem; }}
html {{ background: light-dark(#fff, #121417); color: light-dark(#202326, #ced6dd); }}
a {{ color: light-dark(#0a55b5, #7db3ff); }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The address may have been mistyped, or the page moved. The book's pages are listed on its
<a id="home" href="{first}">first page</a>, and its
<a id="find" href="search.html">search</a> finds words.</p>
</main>
<script>
(async () => {{
  if (location.protocol === 'file:') return;  // there it stands at the root
  for (let folder = new URL('.', location.href); ; folder = new URL('..', folder)) {{
    const first = new URL('{first}', folder);
    const answer = await fetch(first, {{method: 'HEAD'}}).catch(() => ({{}}));
    if (answer.ok) {{
      document.getElementById('home').href = first;
      document.getElementById('find').href = new URL('search.html', folder);
    }}
    if (answer.ok || folder.pathname === '/') return;
  }}
}})();
</script>
</body>
</html>
"""


def write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    text = PAGE.format(title=app.config.html_title, first=f"{app.config.root_doc}.html")
    (Path(app.outdir) / "404.html").write_text(text, encoding="utf8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", write, priority=700)
