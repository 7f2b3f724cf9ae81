"""The page: see and touch backpropagation, ``chainrule explore``.

A :class:`~chainrule.explorer.session.Session` holds what is looked at: a function of plain NumPy,
and a network with its examples. The page asks it questions by name (``questions.py``); each screen
has its own in ``screens/``. Answers are plain numbers and float32 buffers (``wire.py``). The same
front end, whose sources are in ``web/``, gets them from a local server, from a notebook's kernel,
or out of a file that holds them all.
"""
