"""Reference inputs of the Inception network, as four programs make them of pictures of several sizes.

Writes preprocess.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch-fidelity 0.3.0, pytorch-fid 0.3.0, clean-fid 0.1.35, torchmetrics 1.9.0, torch 2.15.0, Pillow 13.0.0 and
numpy 2.4.

Picture i has the size SIZES[i], 3 channels and the samples floor(128·(u+1)) with u = formula(i+1), as in internal/golden.
"RULE.i" holds what the program's network gets for it, [299, 299, 3], every STRIDE-th value of the flattened array. The
programs' own code computes it, stopped at the first convolution.
"""

import pathlib
import sys
import warnings

import numpy as np
import torch
from cleanfid.resize import build_resizer
from pytorch_fid.inception import InceptionV3
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torchmetrics.image.fid import NoTrainInceptionV3

SIZES = [(37, 53), (256, 200), (299, 299), (31, 601), (640, 411)]
STRIDE = 397


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def picture(i):
    return np.floor(128 * (formula(i + 1, *SIZES[i], 3) + 1)).astype(np.uint8)


class Stop(Exception):
    pass


class First(torch.nn.Module):
    """Stands for the first convolution and hands out its input."""

    def forward(self, x):
        raise Stop(x)


def first_input(net, call, x):
    net.Conv2d_1a_3x3 = First()
    try:
        call(x)
    except Stop as stop:
        return stop.args[0]


def bare(cls, **attributes):
    """An object of a network's class without its layers and weights."""
    net = cls.__new__(cls)
    torch.nn.Module.__init__(net)
    for name, value in attributes.items():
        setattr(net, name, value)
    return net


def batch(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].contiguous()


def tf1(image):
    net = bare(FeatureExtractorInceptionV3, features_list=["2048"])
    return first_input(net, net.forward, batch(image))


def pytorch_fid(image):
    net = bare(InceptionV3, resize_input=True, normalize_input=True, output_blocks=[0], last_needed_block=0,
               blocks=torch.nn.ModuleList([torch.nn.Identity()]))
    return net(batch(image).float().div(255))[0]


def clean(image):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        resized = build_resizer("clean")(image)
    return (batch(resized) - 128) / 128  # as in cleanfid/inception_torchscript.py


def torchmetrics(image):
    net = bare(NoTrainInceptionV3, features_list=["2048"], use_antialias=True)
    return first_input(net, net._torch_fidelity_forward, batch(image))


RULES = {"tf1": tf1, "pytorch-fid": pytorch_fid, "clean": clean, "torchmetrics": torchmetrics}


def main():
    path = pathlib.Path(__file__).with_name("preprocess.npz")
    arrays = {"sizes": np.array(SIZES, dtype=np.int32), "stride": np.array(STRIDE, dtype=np.int32)}
    for name, rule in RULES.items():
        for i in range(len(SIZES)):
            x = rule(picture(i))[0].permute(1, 2, 0).numpy()
            assert x.shape == (299, 299, 3)
            arrays[f"{name}.{i}"] = x.reshape(-1)[::STRIDE].astype(np.float32)
    if "--check" not in sys.argv:
        np.savez_compressed(path, **arrays)
        print(path.stat().st_size, "bytes")
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "other names"
    for name, value in arrays.items():
        np.testing.assert_allclose(value, stored[name], rtol=0, atol=1e-6, err_msg=name)


if __name__ == "__main__":
    main()
