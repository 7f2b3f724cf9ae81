"""Data sets: MNIST inside the package, and examples from CSV, Parquet, NPZ and IDX files.

See ``dataset.py`` for what a data set is and ``load.py`` for how one is made. Rests on NumPy and
``chainrule.core.errors`` alone; polars and narwhals are imported when a table is read.
"""

from chainrule.data.batches import mini_batches as mini_batches
from chainrule.data.batches import permutation as permutation
from chainrule.data.dataset import Dataset as Dataset
from chainrule.data.dataset import Examples as Examples
from chainrule.data.dataset import Scaling as Scaling
from chainrule.data.describe import describe as describe
from chainrule.data.load import load as load
from chainrule.data.load import mnist as mnist
from chainrule.data.one_hot import one_hot as one_hot
from chainrule.data.reading import names as names
from chainrule.data.rows import Rows as Rows
from chainrule.data.rows import read_rows as read_rows
