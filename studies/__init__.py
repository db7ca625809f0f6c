"""Experiments that are too long for a page: each module is a protocol and what carries it out.

A module has `study(run, plan)`, which returns the rows of its results, one for each network that
was trained; `FULL`, the plan that was carried out; `TOY`, a plan of seconds, which tests run; and
`DATA`, the names of its data. `run(function, cases, stage=...)` is `lab.sweep` over cases.
"""
