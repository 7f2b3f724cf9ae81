"""Training in the page: a thread that trains as the pages wish, and every step that it came by.

``trainer.py`` is the thread; ``progress.py`` where training stands and can go; ``course.py`` the
loop of ``cr.fit``, to any step and again; ``timeline.py`` the steps that can be looked at.
"""
