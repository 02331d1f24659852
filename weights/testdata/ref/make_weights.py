#!/usr/bin/env python3
"""Reference files of package weights, written by NumPy and the safetensors package.

Made with Python 3.11, numpy 2.4.6, safetensors 0.8.0, torch 2.15.0 (versions.txt).

    make_weights.py          writes the files beside this script
    make_weights.py --check  recomputes them, fails on a difference, and reads the files that the Go package wrote
                             (../snap), which must hold the same arrays

Every array is a formula of the element's index k, so that the Go test computes the same values:
floats (k-2)*0.75, signed integers (k-2)*19, unsigned integers k*40, booleans k%3 == 0.
"""
import io
import pathlib
import platform
import sys
import zipfile

import numpy as np
import safetensors
import safetensors.numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent
SNAP = HERE.parent / "snap"

KINDS = {
    "f64": np.float64, "f32": np.float32, "f16": np.float16,
    "i64": np.int64, "i32": np.int32, "i16": np.int16, "i8": np.int8,
    "u64": np.uint64, "u32": np.uint32, "u16": np.uint16, "u8": np.uint8, "bool": np.bool_,
}


def formula(dtype, shape):
    k = np.arange(int(np.prod(shape))).reshape(shape)
    kind = np.dtype(dtype).kind
    values = {"f": (k - 2) * 0.75, "i": (k - 2) * 19, "u": k * 40, "b": k % 3 == 0}[kind]
    return np.asarray(values).astype(dtype)


def arrays():
    """Name -> array: every element type, a scalar, empty axes, limits and non-finite values."""
    out = {name: formula(dtype, (2, 3)) for name, dtype in KINDS.items()}
    out["scalar"] = np.array(1.5, np.float32)
    out["empty"] = np.zeros((0, 3), np.int64)
    out["one/ünï"] = formula(np.float32, (5,))
    out["limits_i64"] = np.array([-(2**63), 2**63 - 1], np.int64)
    out["limits_u64"] = np.array([0, 2**64 - 1], np.uint64)
    out["special_f32"] = np.array([np.nan, np.inf, -np.inf, -0.0, 2.0**-149, 3.0e38], np.float32)
    out["special_f16"] = np.array([np.nan, np.inf, -np.inf, -0.0, 2.0**-24, 65504], np.float16)
    return out


def tensors():
    out = {name: torch.from_numpy(a.copy()) for name, a in arrays().items()}
    out["bf16"] = ((torch.arange(6) - 2) * 0.75).reshape(2, 3).to(torch.bfloat16)
    return out


def npy(array, version=None):
    f = io.BytesIO()
    np.lib.format.write_array(f, array, version=version, allow_pickle=True)
    return f.getvalue()


def npz(save):
    f = io.BytesIO()
    save(f, **arrays())
    return f.getvalue()


def files():
    """File name -> bytes."""
    f32 = {"b/weight": formula(np.float32, (2, 2, 3)), "a": formula(np.float32, (1,)), "ü\t\u2028<\"": formula(np.float32, (4,))}
    return {
        "all.safetensors": safetensors.torch.save(tensors(), {"format": "pt"}),
        "f32.safetensors": safetensors.numpy.save(f32, {"made by": "safetensors <&>"}),
        "stored.npz": npz(np.savez),
        "deflated.npz": npz(np.savez_compressed),
        # read, and written back to the same bytes
        "f4.npy": npy(formula("<f4", (2, 3, 4))),
        "i8_one_axis.npy": npy(formula("<i8", (7,))),
        "u1_scalar.npy": npy(np.array(200, np.uint8)),
        "b1_empty.npy": npy(np.zeros((3, 0, 2), np.bool_)),
        # read only
        "f8_fortran.npy": npy(np.asfortranarray(formula("<f8", (2, 3, 4)))),
        "i4_big.npy": npy(formula(">i4", (2, 3))),
        "f2_big_fortran.npy": npy(np.asfortranarray(formula(">f2", (3, 2, 2)))),
        "f4_version2.npy": npy(formula("<f4", (2, 3)), (2, 0)),
        "f4_version3.npy": npy(formula("<f4", (2, 3)), (3, 0)),
        # refused
        "bad_object.npy": npy(np.array([None, "x"], object)),
        "bad_structured.npy": npy(np.zeros(2, [("x", "<f4"), ("y", "<i4")])),
        "bad_complex.npy": npy(np.zeros(2, np.complex64)),
        "bad_string.npy": npy(np.array(["ab"])),
        "bad_time.npy": npy(np.array(["2026-01-01"], "M8[D]")),
    }


def same(name, a, b):
    if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes():
        raise SystemExit(f"{name}: the arrays differ")


def same_npz(name, data, want):
    with np.load(io.BytesIO(data)) as got:
        if sorted(got.files) != sorted(want):
            raise SystemExit(f"{name}: other array names")
        for key in got.files:
            same(f"{name}: {key}", got[key], want[key])


def check():
    for name, data in files().items():
        got = (HERE / name).read_bytes()
        if name == "deflated.npz":  # the compressor's bytes depend on the zlib that is linked
            same_npz(name, got, arrays())
        elif got != data:
            raise SystemExit(f"{name}: differs from what the reference programs write now")
    written = safetensors.torch.load_file(SNAP / "all.safetensors")
    want = tensors()
    if sorted(written) != sorted(want):
        raise SystemExit("snap/all.safetensors: other tensor names")
    for key, t in want.items():
        same(f"snap/all.safetensors: {key}", written[key].reshape(-1).view(torch.uint8).numpy().reshape(-1),
             t.reshape(-1).view(torch.uint8).numpy().reshape(-1))
        if written[key].dtype != t.dtype or written[key].shape != t.shape:
            raise SystemExit(f"snap/all.safetensors: {key}: other type or shape")
    with safetensors.safe_open(SNAP / "all.safetensors", "pt") as f:
        if f.metadata() != {"format": "pt"}:
            raise SystemExit("snap/all.safetensors: other metadata")
    for name in ("stored.npz", "deflated.npz"):
        data = (SNAP / name).read_bytes()
        same_npz("snap/" + name, data, arrays())
        if zipfile.ZipFile(io.BytesIO(data)).testzip():
            raise SystemExit(f"snap/{name}: checksum")
    print("reference files and the Go package's files are as they should be")


def main():
    versions = (f"python {platform.python_version()}\nnumpy {np.__version__}\n"
                f"safetensors {safetensors.__version__}\ntorch {torch.__version__}\n")
    print(versions, end="")
    if "--check" in sys.argv[1:]:
        check()
        return
    for name, data in files().items():
        (HERE / name).write_bytes(data)
    (HERE / "versions.txt").write_text(versions)


if __name__ == "__main__":
    main()
