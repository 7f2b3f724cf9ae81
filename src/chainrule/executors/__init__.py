"""Graph -> callable. ``interpreter.py`` defines the meaning, ``native/`` makes machine code."""
