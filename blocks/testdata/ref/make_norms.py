"""Reference values from PyTorch in float64: spectral, conditional batch, layer and instance normalization, reflection
padding, resampling.

Writes norms.npz beside it. `--check` recomputes and fails if the stored file differs.
Made with torch 2.15.0 and numpy 2.4.

As in make_layers.py, for y = f(x, parameters): L = sum(c y^2), its gradients g*, and the gradients h* of the sum of all
squared g*. Spectral norm is torch.nn.utils.spectral_norm; it runs three times while training: "y" and the derivatives are
of the first call, "y2" and "y3" of the next ones, "u2" is the vector after the second. Layer norm with one scale for a
channel is PyTorch's GroupNorm with one group. Conditional batch norm is BatchNorm2d without scale and shift, then those of
the class.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from make_convolutions import formula
from make_layers import derivatives

LABELS = [2, 0, 1, 2]


def spectral(layer, weight, x, call):
    """Three training calls of a layer under spectral norm. `weight` is its weight in PyTorch's layout."""
    with torch.no_grad():
        layer.weight.copy_(weight)
    layer = nn.utils.spectral_norm(layer.double())
    with torch.no_grad():
        layer.weight_u.copy_(formula(6, *layer.weight_u.shape))
    inputs = [layer.weight_orig] + ([x] if x.is_floating_point() else [])
    y, first, second = derivatives(lambda *_: call(layer, x), *inputs)
    out = {"y": y, "gw": first[0], "hw": second[0]}
    if len(inputs) > 1:
        out |= {"gx": first[1], "hx": second[1]}
    out["y2"] = call(layer, x)
    out["u2"] = layer.weight_u.clone()
    out["y3"] = call(layer, x)
    return out


def images(layer, x):
    return layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def spectral_conv():
    x = formula(1, 2, 4, 5, 3).requires_grad_()
    w = formula(2, 3, 3, 3, 4).permute(3, 2, 0, 1)
    out = spectral(nn.Conv2d(3, 4, 3, padding=1, bias=False), w, x, images)
    return {k: v.permute(2, 3, 1, 0) if k in ("gw", "hw") else v for k, v in out.items()}


def spectral_convt():
    x = formula(1, 2, 3, 2, 3).requires_grad_()
    w = formula(2, 4, 4, 3, 2).permute(2, 3, 0, 1)
    out = spectral(nn.ConvTranspose2d(3, 2, 4, 2, 1, bias=False), w, x, images)
    return {k: v.permute(2, 3, 0, 1) if k in ("gw", "hw") else v for k, v in out.items()}


def spectral_dense():
    out = spectral(nn.Linear(4, 5, bias=False), formula(2, 4, 5).t(), formula(1, 3, 4).requires_grad_(), lambda f, x: f(x))
    return {k: v.t() if k in ("gw", "hw") else v for k, v in out.items()}


def spectral_embedding():
    return spectral(nn.Embedding(3, 5), formula(2, 3, 5), torch.tensor(LABELS), lambda f, x: f(x))


def cond_batchnorm():
    bn = nn.BatchNorm2d(3, affine=False).double()
    x, w, b = (formula(s, *d).requires_grad_() for s, d in ((1, (4, 2, 5, 3)), (4, (3, 3)), (5, (3, 3))))

    def f(x, w, b):
        y = images(bn, x)
        return w[LABELS][:, None, None] * y + b[LABELS][:, None, None]

    y, first, second = derivatives(f, x, w, b)
    out = {"y": y, "gx": first[0], "gw": first[1], "gb": first[2], "hx": second[0], "hw": second[1], "hb": second[2]}
    bn.eval()
    return out | {"evaluated": f(x, w, b)}


def layernorm():
    x, w, b = (formula(s, *d).requires_grad_() for s, d in ((1, (4, 2, 5, 3)), (4, (3,)), (5, (3,))))

    def f(x, w, b):
        return F.group_norm(x.permute(0, 3, 1, 2), 1, w, b).permute(0, 2, 3, 1)

    y, first, second = derivatives(f, x, w, b)
    return {"y": y, "gx": first[0], "gw": first[1], "gb": first[2], "hx": second[0], "hw": second[1], "hb": second[2]}


def instancenorm():
    x = formula(1, 4, 2, 5, 3).requires_grad_()
    y, first, second = derivatives(lambda x: images(nn.InstanceNorm2d(3), x), x)
    return {"y": y, "gx": first[0], "hx": second[0]}


def reflection():
    x = formula(1, 2, 4, 5, 3).requires_grad_()
    y, first, second = derivatives(lambda x: images(nn.ReflectionPad2d(3), x), x)
    return {"y": y, "gx": first[0], "hx": second[0]}


def resampling():
    out = {}
    for name, f in {
        "average": lambda x: F.avg_pool2d(x, 2),
        "nearest": lambda x: F.interpolate(x, scale_factor=2, mode="nearest"),
        "bilinear": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False),
    }.items():
        x = formula(1, 2, 4, 6, 3).requires_grad_()
        y, first, second = derivatives(lambda x: images(f, x), x)
        out |= {name + ".y": y, name + ".gx": first[0], name + ".hx": second[0]}
    return out


def main():
    path = pathlib.Path(__file__).with_name("norms.npz")
    groups = (spectral_conv, spectral_convt, spectral_dense, spectral_embedding, cond_batchnorm, layernorm, instancenorm, reflection,
              resampling)
    arrays = {}
    for group in groups:
        for key, value in group().items():
            arrays[f"{group.__name__}.{key}"] = value.detach().numpy().astype(np.float64)
    print("torch", torch.__version__, "numpy", np.__version__)
    if "--check" in sys.argv:
        stored = np.load(path)
        assert sorted(stored.files) == sorted(arrays), "other names"
        for name, value in arrays.items():
            np.testing.assert_allclose(stored[name], value, rtol=1e-10, atol=1e-12, err_msg=name)
        print("equal")
    else:
        np.savez_compressed(path, **arrays)
        print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
