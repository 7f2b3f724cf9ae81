"""Gradients held against differences, right ones and such with a mistake planted into them.

``student.py`` is backpropagation as one writes it by hand; ``planted.py`` rewrites a line of it;
``symptoms.py`` tells from the numbers what is wrong.
"""
