"""Graph -> callable. ``interpreter.py`` defines the meaning."""
