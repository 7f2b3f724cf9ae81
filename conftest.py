"""For pytest: the package is imported before its files are collected.

Collecting a file of a package that is not imported yet, pytest puts the module in the place of what
the package calls by the same name: ``cr.insight.curvature`` would be no function any more.
"""

from importlib import import_module

for package in ("chainrule.explorer", "chainrule.insight", "chainrule.plot"):
    import_module(package)
