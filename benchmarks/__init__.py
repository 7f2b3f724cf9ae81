"""Benchmarks: chainrule and its peers on the same work, in one run, interleaved.

``chainrule bench`` lists them; ``chainrule bench NAME`` runs one. A benchmark is a file here that
states its work as a :class:`~benchmarks.work.Work`; ``catalogue.py`` names them all. ``driver.py``
runs a process for each contender (``worker.py``), checks that all compute the same numbers and
takes turns; ``report.py`` writes docs/benchmarks.md. Peers are installed by ``requirements.txt``
and imported only in the process that runs them.
"""
