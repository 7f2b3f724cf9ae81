"""The command line: ``chainrule train``, ``evaluate``, ``predict``, ``data``. One file a command.

``main`` turns every expected failure into one line on stderr and an exit status: 0 done, 1 failed,
2 wrong use.
"""

from chainrule.cli.main import main as main
