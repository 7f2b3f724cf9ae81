"""``scipy.linalg`` for traced values and plain arrays alike, stacks of matrices included.

Arguments have SciPy's names; those that are about memory and checks are left out. ``systems.py``
solves, ``functions.py`` has functions of matrices and factors, ``structured.py`` makes matrices of
given structure.
"""

from chainrule.ops.numpy_api.linalg import det as det
from chainrule.ops.numpy_api.linalg import inv as inv
from chainrule.ops.numpy_api.linalg import solve as solve
from chainrule.ops.numpy_api.norms import norm as norm
from chainrule.ops.numpy_api.spectral import svdvals as svdvals
from chainrule.scipy.linalg.functions import eigh as eigh
from chainrule.scipy.linalg.functions import eigvalsh as eigvalsh
from chainrule.scipy.linalg.functions import expm as expm
from chainrule.scipy.linalg.functions import lu as lu
from chainrule.scipy.linalg.functions import pinv as pinv
from chainrule.scipy.linalg.functions import qr as qr
from chainrule.scipy.linalg.functions import sqrtm as sqrtm
from chainrule.scipy.linalg.functions import svd as svd
from chainrule.scipy.linalg.structured import block_diag as block_diag
from chainrule.scipy.linalg.structured import toeplitz as toeplitz
from chainrule.scipy.linalg.systems import cho_factor as cho_factor
from chainrule.scipy.linalg.systems import cho_solve as cho_solve
from chainrule.scipy.linalg.systems import cholesky as cholesky
from chainrule.scipy.linalg.systems import lstsq as lstsq
from chainrule.scipy.linalg.systems import lu_factor as lu_factor
from chainrule.scipy.linalg.systems import lu_solve as lu_solve
from chainrule.scipy.linalg.systems import solve_banded as solve_banded
from chainrule.scipy.linalg.systems import solve_sylvester as solve_sylvester
from chainrule.scipy.linalg.systems import solve_triangular as solve_triangular
