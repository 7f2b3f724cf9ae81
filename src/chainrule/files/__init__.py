"""Everything that touches the disk: parameters, checkpoints, run folders.

Files are found complete or not at all, after a full disk and after ``kill -9``; damaged ones give
a :class:`~chainrule.FileFormatError`, and none is ever executed: numbers are safetensors, the rest
is JSON and TOML. Bottom first: ``atomic`` (replace a file at once), ``lock``, ``json_values``,
``header`` and ``tensors`` (named arrays), ``parameters`` (nested containers), ``history`` (a line
an epoch), ``checkpoints``, ``runs``.
"""

from chainrule.files.atomic import write_atomic as write_atomic
from chainrule.files.checkpoints import Checkpoint as Checkpoint
from chainrule.files.checkpoints import load_latest as load_latest
from chainrule.files.checkpoints import save_checkpoint as save_checkpoint
from chainrule.files.history import load_history as load_history
from chainrule.files.history import save_history as save_history
from chainrule.files.parameters import load as load
from chainrule.files.parameters import save as save
from chainrule.files.runs import RunFolder as RunFolder
from chainrule.files.tensors import load_tensors as load_tensors
from chainrule.files.tensors import save_tensors as save_tensors
