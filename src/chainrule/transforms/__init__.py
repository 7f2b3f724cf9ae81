"""Function -> function and function -> graph: record, walk forwards, walk backwards.

``recording.py`` comes first; then ``jvp.py``, ``vjp.py``, and what is composed of them in
``derived.py``.
"""
