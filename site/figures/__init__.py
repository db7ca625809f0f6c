"""The interactive figures: one module a chapter, each with a description called `figure`.

The expressions in it are those that the chapter proves. No module repeats a formula: it takes it
from `dropoutbook.derive`, or from the cells of the chapter (`bookpages.interactive.proofs`).
"""
