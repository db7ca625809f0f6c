"""A plugin of pytest: where a notebook's cell runs out of time, the cells behind it still count.

nbval would expect each of them to fail, and report no difference that one of them shows.
"""

from nbval.plugin import IPyNbCell

IPyNbCell.setup = lambda self: None
