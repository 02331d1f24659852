#!/usr/bin/env python3
"""Reference pickles of package pickle: one value in protocols 2 to 5.

Made with Python 3.11 (its module pickle; nothing else).

    make_pickles.py          writes the files beside this script
    make_pickles.py --check  recomputes them and fails on a difference
"""
import pathlib
import pickle
import pickletools
import sys

HERE = pathlib.Path(__file__).parent


def value():
    shared = [1, 2]
    itself = []
    itself.append(itself)
    return {
        "ints": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**70,
                 -(2**70), 128, -128, -129],
        "floats": [0.1, float("inf"), -0.0, 1e308],
        "texts": ["", "ünï", "x" * 300, "line\nfeed"],
        "bytes": [b"", b"\x00\xff", b"y" * 300],
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "plain": (None, True, False),
        "shared": (shared, shared),
        "itself": itself,
        "set": {7}, "frozen": frozenset([8]),
        "keys": {1: "int", "1": "text", (1, 2): "tuple", None: "none", 2.5: "float"},
        "one": {"a": 1}, "many": dict.fromkeys(range(1001)),
    }


def files():
    for protocol in (2, 3, 4, 5):
        yield f"protocol{protocol}.pkl", pickle.dumps(value(), protocol)


def main():
    for name, data in files():
        if "--check" not in sys.argv[1:]:
            (HERE / name).write_bytes(data)
        elif (HERE / name).read_bytes() != data:
            raise SystemExit(f"{name}: differs from what Python writes now")
        ops = {op.name for op, _, _ in pickletools.genops(data)}
        print(name, len(data), "bytes,", len(ops), "kinds of opcodes")


if __name__ == "__main__":
    main()
