#!/usr/bin/env python3
"""Reference files of package weights, written by PyTorch.

Made with Python 3.11, torch 2.15.0, numpy 2.4.6 and safetensors 0.8.0 (versions_torch.txt).

    make_torch.py          writes the files beside this script
    make_torch.py --check  recomputes them, fails on a difference, and reads the files that the Go package wrote
                           (../snap), which must hold the same tensors

Each content is written in both forms of torch.save, and once as safetensors: each tensor of it, contiguous, by the name
that nested keys give. The values are formulas of the element's index k, as in make_weights.py: floats (k-2)*0.75,
signed integers (k-2)*19, unsigned integers k*40, booleans k%3 == 0.
"""
import argparse
import collections
import io
import os
import pathlib
import pickle
import platform
import struct
import sys
import warnings
import zipfile

import numpy as np
import safetensors
import safetensors.torch
import torch

warnings.filterwarnings("ignore", "`torch.jit|torch.quantize", append=True)  # what is refused is also deprecated

HERE = pathlib.Path(__file__).parent
SNAP = HERE.parent / "snap"

TYPES = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8,
    "u64": torch.uint64, "u32": torch.uint32, "u16": torch.uint16, "u8": torch.uint8, "bool": torch.bool,
}


def formula(dtype, *shape):
    k = torch.arange(int(np.prod(shape)))
    if dtype == torch.bool:
        values = k % 3 == 0
    elif dtype.is_floating_point:
        values = (k - 2) * 0.75
    elif dtype.is_signed:
        values = (k - 2) * 19
    else:
        values = k * 40
    return values.to(dtype).reshape(shape)


def types():
    """What WriteTorch writes: every element type, a scalar, empty axes, five axes, long axes, a name beyond ASCII."""
    out = {name: formula(dtype, 2, 3) for name, dtype in TYPES.items()}
    out["scalar"] = torch.tensor(1.5)
    out["empty"] = torch.zeros(0, 3, dtype=torch.int64)
    out["axes"] = formula(torch.float32, 1, 2, 1, 3, 2)
    out["long"] = formula(torch.uint8, 300)
    out["wide"] = torch.zeros(0, 70000, 2**33, dtype=torch.float16)  # numbers of every length in the pickle
    out["one/ünï"] = formula(torch.float32, 5)
    return dict(sorted(out.items()))


class Module(torch.nn.Module):
    """A convolution, a batch norm with its count of batches, a submodule in a list, shared weights."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 4, 3)
        self.bn = torch.nn.BatchNorm2d(4)
        self.blocks = torch.nn.ModuleList([torch.nn.Linear(3, 2, bias=False), torch.nn.Linear(3, 2)])
        self.blocks[1].weight = self.blocks[0].weight
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(formula(p.dtype, *p.shape))


def trained():
    """A module after one step of Adam on gradients by formula: state dicts of the module and of the optimizer."""
    module = Module()
    adam = torch.optim.Adam(module.parameters(), lr=0.25)
    for p in module.parameters():
        p.grad = formula(p.dtype, *p.shape)
    adam.step()
    return module, adam


def state():
    return trained()[0].state_dict()


def views():
    """Strides, parts, repeated elements, shared storages, nesting, parameters, NumPy, and what is no tensor."""
    base = formula(torch.float32, 4, 6)
    module, adam = trained()
    marked = formula(torch.float32, 3)
    marked.origin = "here"  # an attribute: the tensor is saved by _rebuild_from_type_v2
    milestones = collections.Counter({10: 1, 20: 2})
    args = argparse.Namespace(size=64, lr=0.002, name="run", betas=(0.0, 0.99), latent=formula(torch.float32, 2))
    order = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    return {
        "base": base, "transposed": base.t(), "columns": base[:, 1:5:2], "row": base[2], "element": base[3, 5],
        "permuted": formula(torch.int16, 2, 3, 4).permute(2, 0, 1),
        "repeated": formula(torch.float64, 3)[:, None].expand(3, 4), "repeated_scalar": torch.tensor(7).expand(2, 2),
        "channels_last": formula(torch.float16, 2, 3, 2, 2).to(memory_format=torch.channels_last),
        "inner": formula(torch.bfloat16, 4, 5)[1:3, 1:], "nothing": base[4:], "overlapping": base.as_strided((3, 3), (1, 1), 2),
        "unsigned": formula(torch.uint16, 4, 3)[1:, 1],
        "parameter": torch.nn.Parameter(base[:2]), "marked": marked,
        "model": {"g_ema": module.state_dict(), "adam": adam.state_dict()},
        "list": [formula(torch.int8, 2), {"inside": formula(torch.bool, 4)}], "pair": (base[0], 3),
        "numpy": np.arange(6, dtype=">i4").reshape(2, 3), "numpy_fortran": order, "numpy_scalar": np.float64(0.1),
        "args": args, "milestones": milestones, "bytes": b"\x00\xffab", "set": {3}, "size": torch.Size([2, 3]),
        "device": torch.device("cuda:1"), "type": torch.float16, "big": 2**70, "minus": -300, "none": None, "yes": True,
        "pi": 3.25, "text": "ünï", "long list": list(range(20)), "empty": {}, 7: formula(torch.float32, 1),
    }


def flat(value, name=""):
    """Name -> tensor: what ReadTorch returns."""
    if isinstance(value, torch.Tensor):
        return {name: value.detach()}
    if isinstance(value, (np.ndarray, np.generic)):
        return {name: torch.from_numpy(np.array(value.astype(value.dtype.newbyteorder("=")), order="C"))}
    if isinstance(value, argparse.Namespace):
        value = vars(value)
    if isinstance(value, (list, tuple)):
        value = dict(enumerate(value))
    out = {}
    if isinstance(value, dict):
        for key, v in value.items():
            out.update(flat(v, f"{name}.{key}" if name else str(key)))
    return out


def expected(value):
    return safetensors.torch.save({k: t.clone(memory_format=torch.contiguous_format) for k, t in flat(value).items()})


def saved(value, **options):
    f = io.BytesIO()
    torch.save(value, f, **options)
    return f.getvalue()


def legacy(value, **options):
    return saved(value, _use_new_zipfile_serialization=False, **options)


def without_checksums(value):
    torch.serialization.set_crc32_options(False)
    try:
        return saved(value)
    finally:
        torch.serialization.set_crc32_options(True)


def rezipped(data, method, change=lambda name, content: content):
    """The archive with another compression, and contents that change may edit."""
    f = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(f, "w", method) as new:
        for name in old.namelist():
            if "/." not in name:  # they tell how torch.save aligned the entries
                new.writestr(zipfile.ZipInfo(name), change(name, old.read(name)), method)
    return f.getvalue()


UNSIGNED = ("u16", "u32", "u64")  # their storages have no type: PyTorch 2.15 loads them wrongly or not at all in places


def big_endian():
    """What a big-endian machine writes."""
    order = sorted(set(TYPES) - set(UNSIGNED))
    content = {name: formula(TYPES[name], 2, 3) for name in order}

    def change(name, data):
        if name.endswith("/byteorder"):
            return b"big"
        if "/data/" in name:
            kind = TYPES[order[int(name.rsplit("/", 1)[1])]]
            size = torch.empty(0, dtype=kind).element_size()
            return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))
        return data

    return content, rezipped(saved(content), zipfile.ZIP_STORED, change)


class StorageID:
    """Pickled as the persistent id of a storage."""

    def __init__(self, *fields):
        self.fields = fields


class Rebuild:
    """Pickled as a call of torch._utils._rebuild_tensor."""

    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.args


def parts():
    """A legacy stream as PyTorch before 0.4 wrote it: _rebuild_tensor, and storages that are parts of another."""
    f = io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return obj.fields if isinstance(obj, StorageID) else None

    def dump(value):
        Pickler(f, protocol=2).dump(value)

    whole = StorageID("storage", torch.FloatStorage, "100", "cpu", 8, None)
    part = StorageID("storage", torch.FloatStorage, "100", "cuda:0", 8, ("200", 3, 4))
    dump(0x1950A86A20F9469CFC6C)
    dump(1001)
    dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}})
    dump(collections.OrderedDict(whole=Rebuild(whole, 0, (2, 4), (4, 1)), part=Rebuild(part, 1, (3,), (1,))))
    dump(["100"])
    f.write(struct.pack("<q8f", 8, *formula(torch.float32, 8).tolist()))
    values = formula(torch.float32, 8)
    return {"whole": values.reshape(2, 4), "part": values[4:7]}, f.getvalue()


class Call:
    """Pickled as a call of any function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def refused():
    """File name -> bytes that must not be read."""
    import functools
    import operator

    tensor = formula(torch.float32, 3)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.ReLU()), script)
    return {
        "bad_module.pth": saved({"net": Module()}),
        "bad_script.pt": script.getvalue(),
        "bad_sparse.pth": saved({"a": torch.eye(2).to_sparse()}),
        "bad_complex.pth": saved({"a": torch.zeros(2, dtype=torch.complex64)}),
        "bad_float8.pth": saved({"a": torch.zeros(2, dtype=torch.float8_e4m3fn)}),
        "bad_quantized.pth": saved({"a": torch.quantize_per_tensor(tensor, 0.5, 0, torch.qint8)}),
        "bad_meta.pth": saved({"a": torch.zeros(2, device="meta")}),
        "bad_object_array.pth": saved({"a": np.array([None, "x"], object)}),
        "bad_system.pth": saved({"a": tensor, "b": Call(os.system, "true")}),
        "bad_system_proto4.pth": saved({"a": tensor, "b": Call(os.system, "true")}, pickle_protocol=4),
        "bad_eval_legacy.pth": legacy({"a": tensor, "b": Call(eval, "1+1")}),
        "bad_getattr.pth": saved({"a": tensor, "b": Call(getattr, tensor, "numpy")}),
        "bad_partial.pth": saved({"a": tensor, "b": [Call(functools.partial, operator.attrgetter("x"))]}),
    }


def contents():
    """Name -> what is saved under it. PyTorch 2.15 writes legacy streams with unsigned types, but cannot load them."""
    signed_types, signed_views = types(), views()
    for name in UNSIGNED:
        del signed_types[name]
    del signed_views["unsigned"]
    return {"types_zip": types(), "types_legacy": signed_types, "state_zip": state(), "state_legacy": state(),
            "views_zip": views(), "views_legacy": signed_views}


def files():
    """File name -> bytes."""
    out = {}
    for name, value in contents().items():
        out[f"torch_{name}.pth"] = legacy(value) if name.endswith("_legacy") else saved(value)
        out[f"torch_{name}.safetensors"] = expected(value)
    for protocol in (3, 4, 5):
        out[f"torch_views_protocol{protocol}.pth"] = saved(views(), pickle_protocol=protocol)
    out["torch_views_protocol4_legacy.pth"] = legacy(contents()["views_legacy"], pickle_protocol=4)
    out["torch_unsigned_legacy.pth"] = legacy({"a": formula(torch.uint16, 4)})
    small = state()
    out["torch_state_unchecked.pth"] = without_checksums(small)
    out["torch_state_deflated.pth"] = rezipped(saved(small), zipfile.ZIP_DEFLATED)
    content, out["torch_big.pth"] = big_endian()
    out["torch_big.safetensors"] = expected(content)
    content, out["torch_parts_legacy.pth"] = parts()
    out["torch_parts.safetensors"] = expected(content)
    out["torch_tensor.pth"] = saved(formula(torch.float32, 2, 3))
    return {**out, **refused()}


def same(where, got, want):
    if sorted(got) != sorted(want):
        raise SystemExit(f"{where}: the names are {sorted(got)}, not {sorted(want)}")
    for name, t in want.items():
        g = got[name]
        if g.dtype != t.dtype or g.shape != t.shape or not torch.equal(g.contiguous().view(torch.uint8) if g.dim() else g,
                                                                      t.contiguous().view(torch.uint8) if t.dim() else t):
            raise SystemExit(f"{where}: {name} differs")


def check():
    for name, data in files().items():
        got = (HERE / name).read_bytes()
        if name.endswith("_legacy.pth") or name == "torch_state_deflated.pth":
            # The keys of a legacy stream are addresses, and the bytes of deflate depend on the zlib that is linked.
            if not name.startswith("bad_") and name != "torch_unsigned_legacy.pth":
                load = [flat(torch.load(io.BytesIO(b), map_location="cpu", weights_only=False)) for b in (got, data)]
                same(name, *load)
        elif got != data:
            raise SystemExit(f"{name}: differs from what PyTorch writes now")
    for name in ("torch_big", "torch_parts_legacy"):  # made by hand: PyTorch reads what we say that they hold
        want = safetensors.torch.load_file(HERE / (name.removesuffix("_legacy") + ".safetensors"))
        same(name, torch.load(HERE / (name + ".pth"), map_location="cpu", weights_only=True), want)
    for form, mmap in (("types_zip", False), ("types_zip", True), ("types_legacy", False)):
        name = form.replace("types", "torch") + ".pth"
        got = torch.load(SNAP / name, weights_only=True, mmap=mmap)
        if list(got) != sorted(got):
            raise SystemExit(f"snap/{name}: the names are not sorted")
        same(f"snap/{name}", got, contents()[form])
    with zipfile.ZipFile(SNAP / "torch_zip.pth") as z:
        if z.testzip():
            raise SystemExit("snap/torch_zip.pth: checksum")
    for name in sys.argv[2:]:  # files to look at
        print(name, {k: (t.dtype, tuple(t.shape)) for k, t in torch.load(name, weights_only=True).items()})
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
    (HERE / "versions_torch.txt").write_text(versions)


if __name__ == "__main__":
    main()
