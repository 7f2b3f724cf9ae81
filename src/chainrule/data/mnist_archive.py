"""MNIST, all 70,000 images, decoded from the archive inside the package.

The archive holds which pixels are not zero as bits (LZMA) and the values of those (DEFLATE), which
together take 9.7 MB where MNIST's own files take 11.6. ``mnist/README.md`` tells where the images
come from and ``scripts/build_mnist.py`` builds the archive. Rests on zipfile and NumPy.
"""

import hashlib
import io
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.parts import Pair, Parts

#: What ``scripts/build_mnist.py`` printed when the archive was built.
SHA256 = "03a8ebc83d10fd1c2374c141ac2acdf1e51b98d0aef83f17b5938dbd738c9fcb"

SOURCE = "MNIST, Y. LeCun and C. Cortes, CC BY-SA 3.0; inside the package"
TRAIN = 60_000
SHAPE = (70_000, 28, 28)


def read_mnist() -> Parts:
    """The 60,000 training and 10,000 test images, uint8, in MNIST's order.

    Raises DataError if the archive is not in the installed package, FileFormatError if damaged.
    """
    archive = resources.files("chainrule.data") / "mnist" / "mnist.zip"
    try:
        raw = archive.read_bytes()
    except OSError as error:
        raise DataError(
            f"mnist: cannot read {archive} ({error}); install chainrule again."
        ) from error
    images, labels = decode(raw)
    train = Pair(images[:TRAIN], labels[:TRAIN], "mnist: train images", "mnist: train labels")
    test = Pair(images[TRAIN:], labels[TRAIN:], "mnist: test images", "mnist: test labels")
    return Parts(Path("mnist"), train=train, test=test)


def decode(raw: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images of shape (70000, 28, 28) and labels of shape (70000,), from the archive's bytes.

    Raises FileFormatError if the bytes are not those that the package was built with.
    """
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise FileFormatError(
            f"mnist: the archive inside the package is damaged ({len(raw)} bytes, sha256"
            f" {found[:12]}... instead of {SHA256[:12]}...); install chainrule again."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            bits, values, labels = (
                np.frombuffer(archive.read(name), np.uint8)
                for name in ("nonzero.bits", "values.u8", "labels.u8")
            )
    except RuntimeError as error:
        raise DataError(
            f"mnist: cannot be unpacked ({error}); use a Python that was built with lzma."
        ) from error
    images = np.zeros(SHAPE, np.uint8)
    images.reshape(-1)[np.unpackbits(bits).view(np.bool_)] = values
    return images, labels
