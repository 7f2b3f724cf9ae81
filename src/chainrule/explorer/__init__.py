"""The page: see and touch backpropagation, ``chainrule explore``.

From Python it is :func:`widget` in a notebook, :func:`serve` in the browser, and :func:`export` as
a file; they are imported when they are used.

A :class:`~chainrule.explorer.session.Session` holds what is looked at: a function of plain NumPy
(``functions/``), and a network with its examples, which can be trained (``learning/``) and checked
(``checked/``). The page asks it questions by name (``questions.py``); each screen has its own in
``screens/``. Answers are plain numbers and float32 buffers (``wire.py``). The same front end, whose
sources are in ``web/``, gets them from a local server (``serving/``), from a notebook's kernel
(``notebook.py``), or out of a file that holds them all (``saved/``).
"""

import typing as _typing

if _typing.TYPE_CHECKING:
    from chainrule.explorer.entry import export as export
    from chainrule.explorer.entry import serve as serve
    from chainrule.explorer.entry import widget as widget
else:
    _WHEN_USED = ("export", "serve", "widget")

    def __getattr__(name):
        if name not in _WHEN_USED:
            raise AttributeError(
                f"module 'chainrule.explorer' has no attribute {name!r}", name=name
            )
        from chainrule.explorer import entry

        return getattr(entry, name)

    def __dir__():
        return sorted({*globals(), *_WHEN_USED})
