"""`repository.url` in _config.yml, once it is set, gives every page its launch and edit buttons."""

from sphinx.application import Sphinx
from sphinx.config import Config

LAUNCH = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}


def add_buttons(app: Sphinx, config: Config) -> None:
    options = config.html_theme_options
    if options.get("repository_url"):
        options |= {
            "launch_buttons": LAUNCH,
            "use_repository_button": True,
            "use_edit_page_button": True,
            "use_issues_button": True,
        }


def setup(app: Sphinx) -> None:
    app.connect("config-inited", add_buttons)
