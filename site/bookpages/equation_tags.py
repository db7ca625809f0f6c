r"""The number of an equation is the one written in its `\tag`, and `eq-<tag>` is its label.

`$$ ... \tag{7} $$` is shown as (7) in Jupyter and in the book, and `{eq}` finds it as `eq-7`
from any page. A dot becomes a hyphen in the label: the tag 2.1 has the label `eq-2-1`.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

log = logging.getLogger(__name__)

TAG = re.compile(r"\\tag\{([^{}]+)\}")


def label_of(tag: str) -> str:
    return nodes.make_id("eq-" + tag.replace(".", "-"))


class NumberEquations(SphinxTransform):
    """Gives every tagged equation its label and number, and warns about any other label."""

    default_priority = 210

    def apply(self) -> None:
        for node in list(self.document.findall(nodes.math_block)):
            tags = TAG.findall(node.astext())
            if len(tags) > 1:
                log.warning("an equation has more than one \\tag: %s", tags, location=node)
            elif tags:
                self._number(node, tags[0])
            elif node.get("label"):
                log.warning("equation %s has a label but no \\tag", node["label"], location=node)

    def _number(self, node: nodes.math_block, tag: str) -> None:
        domain, label = self.env.get_domain("math"), label_of(tag)
        if node.get("label", label) != label:
            log.warning(
                "equation %s: its tag gives it the label %s", node["label"], label, location=node
            )
            return
        if not node.get("label"):
            domain.note_equation(self.env.docname, label, location=node)
            node.update_all_atts({"label": label, "docname": self.env.docname})
            target = nodes.target("", "", ids=[nodes.make_id(f"equation-{label}")])
            self.document.note_explicit_target(target)
            node.parent.insert(node.parent.index(node), target)
        node["number"] = tag
        domain.equations[label] = (self.env.docname, tag)
        tex = self.env.metadata[self.env.docname].setdefault("equations", {})
        tex[label] = node.astext()


def setup(app: Sphinx) -> None:
    app.add_transform(NumberEquations)
