"""What ails a network: rules, each with a source, over measures that stand apart from them.

``diagnose.py`` makes of a run, a model or a record what the rules look at (``subject.py``,
``case.py``) and asks all of them; ``finding.py`` says what comes of it, ``report.py`` writes it
down. A file of rules for each part of a network that can be ill.
"""
