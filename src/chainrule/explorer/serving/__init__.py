"""The page on a local server: who is let in, what is answered, how it starts and ends.

``guard.py`` stands in front of every route; ``server.py`` has the routes; ``running.py`` listens.
"""
