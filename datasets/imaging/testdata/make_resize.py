"""Writes resize.json: SHA-256 of what Pillow's Image.resize makes of a formula's pixels. With --check, compares.

The source pixel i of a picture (HWC order) is (i*i*31 + i*17 + (i >> 3)*101) % 256, so that the test can make it too.
"""
import hashlib
import json
import sys

import numpy as np
import PIL
from PIL import Image

PILLOW = "13.0.0"
assert PIL.__version__ == PILLOW, f"made with Pillow {PILLOW}, this is {PIL.__version__}"
FILTERS = {"box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
SIZES = [  # w, h -> w, h
    (28, 28, 32, 32), (28, 28, 64, 64), (64, 64, 28, 28), (178, 178, 64, 64), (178, 178, 299, 299), (32, 32, 299, 299),
    (178, 218, 64, 64), (17, 23, 5, 41), (5, 41, 17, 23), (1, 1, 9, 7), (9, 7, 1, 1), (1, 30, 1, 11), (30, 1, 11, 1),
    (31, 31, 31, 15), (31, 31, 15, 31), (13, 11, 13, 11), (101, 3, 100, 4), (100, 4, 101, 3), (257, 2, 3, 129),
    (300, 200, 7, 5), (2, 2, 3, 3), (3, 3, 2, 2), (97, 89, 53, 61), (40, 60, 31, 42), (40, 60, 31, 41), (20, 90, 19, 30),
]


def source(w, h, c):
    i = np.arange(w * h * c, dtype=np.int64)
    pix = ((i * i * 31 + i * 17 + (i >> 3) * 101) % 256).astype(np.uint8).reshape(h, w, c)
    return Image.fromarray(pix[:, :, 0] if c == 1 else pix, mode=MODES[c])


cases = []
for w, h, to_w, to_h in SIZES:
    for c in MODES:
        for name, resample in FILTERS.items():
            out = np.asarray(source(w, h, c).resize((to_w, to_h), resample))
            cases.append({"from": [w, h, c], "to": [to_w, to_h], "filter": name,
                          "sum": int(out.astype(np.int64).sum()), "sha256": hashlib.sha256(out.tobytes()).hexdigest()})
lines = ",\n".join(json.dumps(c) for c in cases)
text = f'{{"pillow": "{PILLOW}", "numpy": "{np.__version__}", "cases": [\n{lines}\n]}}\n'
path = __file__.rsplit("/", 1)[0] + "/resize.json"
if "--check" in sys.argv:
    assert json.loads(open(path).read())["cases"] == json.loads(text)["cases"], "resize.json differs"
else:
    open(path, "w").write(text)
