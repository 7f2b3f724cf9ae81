"""What a message may quote of a file: one line, and not more than a person reads.

Rests on nothing. The readers pass everything through it whose length the file decides.
"""


def excerpt(text: object, limit: int = 120) -> str:
    """The text on one line, cut to about ``limit`` characters.

    >>> excerpt("two\\nlines"), excerpt("x" * 1000, 5)
    ('two lines', 'xxxxx...')
    """
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[:limit] + "..."


def listing(names: tuple[str, ...] | list[str], limit: int = 20) -> str:
    """Names in a row, the first ``limit`` of them, each cut where it is long.

    >>> listing(["a", "b", "c"], 2)
    'a, b, ... (3 in all)'
    """
    shown = ", ".join(excerpt(name, 40) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown}, ... ({len(names)} in all)"
