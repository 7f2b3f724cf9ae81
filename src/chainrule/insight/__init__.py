"""Seeing: every number of backpropagation by name, in text and in pictures.

What a network computes is a :class:`~chainrule.nn.stack.Stack`; of any other function the points to
look at are named with ``name``.
"""

from chainrule.checking.parameters import ParameterReport as ParameterReport
from chainrule.checking.parameters import check_parameters as check_parameters
from chainrule.checking.step_size import VCurve as VCurve
from chainrule.checking.step_size import v_curve as v_curve
from chainrule.insight.cascade import Cascade as Cascade
from chainrule.insight.cascade import cascade as cascade
from chainrule.insight.confusion import Confusion as Confusion
from chainrule.insight.confusion import confusion as confusion
from chainrule.insight.curvature import Curvature as Curvature
from chainrule.insight.curvature import curvature as curvature
from chainrule.insight.demon import Demon as Demon
from chainrule.insight.derivations.entry import derivation as derivation
from chainrule.insight.derivations.function import FunctionDerivation as FunctionDerivation
from chainrule.insight.derivations.lines import Derivation as Derivation
from chainrule.insight.derivations.lines import Line as Line
from chainrule.insight.diagnosis.diagnose import diagnose as diagnose
from chainrule.insight.diagnosis.finding import Diagnosis as Diagnosis
from chainrule.insight.diagnosis.finding import Finding as Finding
from chainrule.insight.error_flow import ErrorFlow as ErrorFlow
from chainrule.insight.error_flow import LayerErrors as LayerErrors
from chainrule.insight.error_flow import error_flow as error_flow
from chainrule.insight.example_gradients import ExampleGradients as ExampleGradients
from chainrule.insight.example_gradients import example_gradients as example_gradients
from chainrule.insight.explanation import Explanation as Explanation
from chainrule.insight.explanation import explain as explain
from chainrule.insight.labels import SuspectLabels as SuspectLabels
from chainrule.insight.labels import suspect_labels as suspect_labels
from chainrule.insight.mistakes import Mistakes as Mistakes
from chainrule.insight.mistakes import misclassified as misclassified
from chainrule.insight.named_points import name as name
from chainrule.insight.named_points import record as record
from chainrule.insight.named_record import NamedRecord as NamedRecord
from chainrule.insight.neurons import LayerNeurons as LayerNeurons
from chainrule.insight.neurons import Neurons as Neurons
from chainrule.insight.neurons import neurons as neurons
from chainrule.insight.nudge import Nudge as Nudge
from chainrule.insight.nudge import nudge as nudge
from chainrule.insight.paths import Paths as Paths
from chainrule.insight.paths import paths as paths
from chainrule.insight.provenance import Provenance as Provenance
from chainrule.insight.provenance import provenance as provenance
from chainrule.insight.ranks import Ranks as Ranks
from chainrule.insight.ranks import rank as rank
