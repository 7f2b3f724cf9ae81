"""``python -m chainrule`` is the ``chainrule`` command."""

from chainrule.cli.main import main

main()
