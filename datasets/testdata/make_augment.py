"""Writes augment.json: SHA-256 of what the data loader of the original CycleGAN makes of a formula's pictures.

With --check it recomputes and fails if a stored value differs. Runs get_transform of data/base_dataset.py of
github.com/junyanz/pytorch-CycleGAN-and-pix2pix, commit 003efc4, from $GOGAN_PEERS_SRC/cyclegan, with torch 2.15.0,
torchvision 0.29.2 and Pillow 13.0.0. The conversion to tensors is left out, so that bytes are compared.

Sample i of a picture (height, width, RGB) is (i*i*31 + i*17 + (i >> 3)*101) % 256, as in imaging/testdata/make_resize.py.
"""

import hashlib
import json
import os
import pathlib
import sys
from types import SimpleNamespace

import numpy as np
import PIL
from PIL import Image

SOURCES = os.environ.get("GOGAN_PEERS_SRC", os.path.expanduser("~/.cache/gogan/peers-src"))
sys.path.insert(0, SOURCES + "/cyclegan")
from data.base_dataset import get_transform  # noqa: E402

PILLOW = "13.0.0"
assert PIL.__version__ == PILLOW, f"made with Pillow {PILLOW}, this is {PIL.__version__}"
CASES = [  # width, height, mode, load size, crop size, left, top, flip
    (256, 256, "resize_and_crop", 286, 256, 0, 0, False),
    (256, 256, "resize_and_crop", 286, 256, 30, 17, True),
    (600, 600, "resize_and_crop", 286, 256, 11, 30, False),
    (178, 218, "resize_and_crop", 72, 64, 8, 3, True),
    (64, 48, "resize_and_crop", 72, 64, 1, 7, False),
    (28, 28, "resize_and_crop", 31, 28, 3, 0, True),
    (300, 451, "scale_width_and_crop", 143, 128, 15, 80, True),
    (451, 300, "scale_width_and_crop", 200, 128, 72, 5, False),
    (143, 150, "scale_width_and_crop", 143, 128, 4, 22, False),
    (301, 97, "crop", 0, 64, 237, 33, True),
    (64, 64, "crop", 0, 64, 0, 0, False),
]


def source(w, h):
    i = np.arange(w * h * 3, dtype=np.int64)
    return Image.fromarray(((i * i * 31 + i * 17 + (i >> 3) * 101) % 256).astype(np.uint8).reshape(h, w, 3))


def prepare(w, h, mode, load, crop, left, top, flip):
    options = SimpleNamespace(preprocess=mode, load_size=load, crop_size=crop, no_flip=False)
    transform = get_transform(options, params={"crop_pos": (left, top), "flip": flip}, convert=False)
    return np.asarray(transform(source(w, h)))


cases = []
for case in CASES:
    out = prepare(*case)
    assert out.shape == (case[4], case[4], 3), (case, out.shape)
    keys = ("width", "height", "mode", "load", "crop", "left", "top", "flip")
    cases.append(dict(zip(keys, case)) | {"sha256": hashlib.sha256(out.tobytes()).hexdigest()})
text = "[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n"
path = pathlib.Path(__file__).with_name("augment.json")
if "--check" in sys.argv:
    assert json.loads(path.read_text()) == json.loads(text), "augment.json differs"
else:
    path.write_text(text)
