"""Reference values for Dense, BatchNorm and the activations from PyTorch in float64.

Writes layers.npz beside it. `--check` recomputes and fails if the stored file differs.
Made with torch 2.15.0 and numpy 2.4.

As in make_convolutions.py, for a layer y = f(x, parameters): L = sum(c y^2), its gradients g*, and the gradients h* of
the sum of all squared g*. "batchnorm" runs twice while training, on x and on -x/2 + 1/4, and holds the averages then.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from make_convolutions import formula


def derivatives(f, *inputs):
    """y, the gradients of L for all inputs, and those of the sum of their squares."""
    y = f(*inputs)
    first = torch.autograd.grad((formula(3, *y.shape) * y * y).sum(), inputs, create_graph=True)
    second = torch.autograd.grad(sum(g.square().sum() for g in first), inputs)
    return y, first, second


def dense():
    x, w, b = (formula(s, *d).requires_grad_() for s, d in ((1, (3, 4)), (2, (4, 5)), (4, (5,))))
    y, first, second = derivatives(lambda x, w, b: F.linear(x, w.t(), b), x, w, b)
    return {"y": y, "gx": first[0], "gw": first[1], "gb": first[2], "hx": second[0], "hw": second[1], "hb": second[2]}


def batchnorm():
    bn = nn.BatchNorm2d(3).double()
    with torch.no_grad():
        bn.weight.copy_(1 + formula(4, 3))
        bn.bias.copy_(formula(5, 3))
    x = formula(1, 4, 2, 5, 3).requires_grad_()
    y, first, second = derivatives(lambda x: bn(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1), x)
    bn((0.25 - x / 2).permute(0, 3, 1, 2))
    out = {"y": y, "gx": first[0], "hx": second[0], "running_mean": bn.running_mean, "running_var": bn.running_var}
    out["evaluated"] = bn.eval()(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    return out


def activations():
    x = torch.tensor([-90.0, -50.0, -7.5, -1.0, -0.25, 0.0, 0.25, 1.0, 7.5, 50.0, 90.0], dtype=torch.float64)
    out = {}
    for name, f in {
        "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
        "relu": F.relu,
        "softplus": lambda x: F.softplus(x, threshold=1000),
        "log_sigmoid": F.logsigmoid,
    }.items():
        inputs = x.clone().requires_grad_()
        y = f(inputs)
        (g,) = torch.autograd.grad(y.sum(), inputs, create_graph=True)
        out[name + ".y"], out[name + ".g"] = y, g
        h = torch.autograd.grad(g.sum(), inputs, allow_unused=True)[0] if g.requires_grad else None
        out[name + ".h"] = torch.zeros_like(x) if h is None else h
    return {"x": x, **out}


def main():
    path = pathlib.Path(__file__).with_name("layers.npz")
    arrays = {}
    for group in (dense, batchnorm, activations):
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
