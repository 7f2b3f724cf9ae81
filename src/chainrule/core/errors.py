"""The errors that chainrule raises, each for one kind of reader.

::

    ChainruleError
    ├── ArgumentError         an argument of a public function is out of its range
    ├── TraceError            a traced value was used in a way that the graph cannot record
    │   ├── EscapedTracerError  ... after the function it belongs to had returned
    │   └── UnrecordedError     ... by an attribute that an array has and a graph cannot hold
    ├── ShapeError            shapes of arrays, layers or containers do not fit together
    ├── DTypeError            a dtype that cannot be differentiated or mixed
    ├── NoRuleError           a primitive has no derivative (or no batching ...) rule, and why
    ├── GraphError            a computational graph breaks one of its invariants
    ├── GradientError         two ways to the same derivative disagree
    ├── DivergenceError       the cost became NaN or infinite during training
    ├── DataError             a data set cannot be read or does not fit the task
    ├── FileFormatError       a file is truncated, corrupt or not what its name says
    ├── RunError              a run folder is missing, taken, or does not fit the request
    └── MissingExtraError     an optional dependency is not installed

Every message names the operation, the shapes or the place, and the remedy. Where one of Python's
own classes says the same (``TypeError``, ``ValueError``, ``OSError``) the error derives from it
too, so code that catches those keeps working.
"""


class ChainruleError(Exception):
    """Base of all errors that chainrule raises on purpose."""


class ArgumentError(ChainruleError, ValueError):
    """An argument of a public function is out of its range; the message says what is in it."""


class TraceError(ChainruleError, TypeError):
    """A traced value was used in a way that the graph cannot record."""


class EscapedTracerError(TraceError):
    """A traced value was used after the function that it belongs to had returned."""


class UnrecordedError(TraceError, AttributeError):
    """An attribute or method of arrays that a traced value lacks; the message says why."""


class ShapeError(ChainruleError, ValueError):
    """Shapes of arrays, layers or containers do not fit together."""


class DTypeError(ChainruleError, TypeError):
    """A dtype that cannot be differentiated, or that does not fit its partner."""


class NoRuleError(ChainruleError, NotImplementedError):
    """A primitive lacks the rule that a transformation needs; the message says why."""


class GraphError(ChainruleError):
    """A computational graph breaks one of its invariants."""


class GradientError(ChainruleError, AssertionError):
    """Two ways to the same derivative disagree."""


class DivergenceError(ChainruleError, ArithmeticError):
    """The cost became NaN or infinite during training."""


class DataError(ChainruleError, ValueError):
    """A data set cannot be read or does not fit the task."""


class FileFormatError(DataError):
    """A file is truncated, corrupt, or not what its name says."""


class RunError(ChainruleError, RuntimeError):
    """A run folder is missing, taken by another run, or does not fit what is asked of it."""


class MissingExtraError(ChainruleError, ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""


class LongLoopWarning(UserWarning):
    """A Python loop was recorded iteration by iteration, thousands of times."""
