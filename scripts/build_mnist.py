"""Builds src/chainrule/data/mnist/mnist.zip from an mnist.npz: all 70,000 images in 9.7 MB.

    python scripts/build_mnist.py mnist.npz

The npz holds x_train, y_train, x_test and y_test. They are compared, as the IDX files that they
came from, with the md5 sums of MNIST's own files before anything is written, and the archive is
read back after. Prints the sha256 that ``chainrule/data/mnist_archive.py`` holds. The same zlib and
liblzma give the same bytes again; others may give another archive of the same images.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint8]

TARGET = Path(__file__).resolve().parents[1] / "src/chainrule/data/mnist/mnist.zip"
LIMIT = 10_000_000

#: The md5 sums of the four unpacked IDX files.
MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


def as_idx(array: Array) -> bytes:
    """The bytes of the IDX file that holds this uint8 array."""
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.tobytes()


def read(path: Path) -> dict[str, Array]:
    """The four arrays; exits with a message if they are not MNIST's, byte for byte."""
    with np.load(path, allow_pickle=False) as file:
        arrays: dict[str, Any] = {name: file[name] for name in MD5}
    for name, array in arrays.items():
        found = hashlib.md5(as_idx(array), usedforsecurity=False).hexdigest()
        if found != MD5[name]:
            sys.exit(f"{path}: {name} has md5 {found} as an IDX file, MNIST's is {MD5[name]}.")
    return arrays


def encode(images: Array, labels: Array) -> bytes:
    """One zip archive: which pixels are not zero (LZMA), their values (DEFLATE), the labels."""
    nonzero = images > 0
    entries = (
        ("nonzero.bits", np.packbits(nonzero), zipfile.ZIP_LZMA),
        ("values.u8", images[nonzero], zipfile.ZIP_DEFLATED),
        ("labels.u8", labels, zipfile.ZIP_LZMA),
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array, method in entries:
            # A fixed time and system, so that the same input gives the same bytes.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, array.tobytes(), method, compresslevel=9)
    return out.getvalue()


def decode(raw: bytes, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Images and labels again, as the package does it."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        bits, values, labels = (
            np.frombuffer(archive.read(n), np.uint8) for n in archive.namelist()
        )
    images = np.zeros(shape, np.uint8)
    images.reshape(-1)[np.unpackbits(bits).view(np.bool_)] = values
    return images, labels


def main() -> None:
    """Read, encode, check, write."""
    parser = argparse.ArgumentParser(description="Build the MNIST archive of the package.")
    parser.add_argument("npz", type=Path, help="x_train, y_train, x_test, y_test as uint8")
    arrays = read(parser.parse_args().npz)
    images = np.concatenate([arrays["x_train"], arrays["x_test"]])
    labels = np.concatenate([arrays["y_train"], arrays["y_test"]])
    raw = encode(images, labels)
    again = decode(raw, images.shape)
    if not (np.array_equal(again[0], images) and np.array_equal(again[1], labels)):
        sys.exit("The archive does not decode to the images that went in.")
    if len(raw) >= LIMIT:
        sys.exit(f"The archive has {len(raw)} bytes; it must stay below {LIMIT}.")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(raw)
    print(f"{TARGET}: {len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")


if __name__ == "__main__":
    main()
