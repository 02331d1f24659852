"""Reference values for Convolution from PyTorch's conv2d and conv_transpose2d in float64.

Writes convolutions.npz beside it. `--check` recomputes and fails if the stored file differs.
Made with torch 2.15.0 and numpy 2.4.

For every row of CASES, with x, W and weights c of the outputs from `formula`:
    y  = conv(x, W)
    L  = sum(c y^2),  gx = dL/dx, gw = dL/dW
    R  = sum(gx^2) + sum(gw^2),  hx = dR/dx, hw = dR/dW    (second order in every pair of arguments)
The npz holds y, gx, gw, hx, hw of case NAME as float32 arrays "NAME.y" and so on, channels last, kernels [kh,kw,in,out].
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

# name: batch, height, width, in, out, kernel h, kernel w, stride, padding (one, or of height and width), output padding,
# transposed
CASES = {
    "k1": (2, 3, 4, 2, 3, 1, 1, 1, 0, 0, False),
    "k1s2": (1, 5, 4, 2, 2, 1, 1, 2, 0, 0, False),
    "k1s3p1": (1, 4, 5, 1, 2, 1, 1, 3, 1, 0, False),
    "k2": (1, 4, 3, 1, 2, 2, 2, 1, 0, 0, False),
    "k2p1": (1, 3, 4, 2, 1, 2, 2, 1, 1, 0, False),
    "k2p2": (1, 3, 3, 1, 1, 2, 2, 1, 2, 0, False),
    "k2s2": (1, 4, 6, 2, 2, 2, 2, 2, 0, 0, False),
    "k2s3": (1, 6, 5, 1, 2, 2, 2, 3, 0, 0, False),
    "k3p1": (2, 4, 5, 2, 2, 3, 3, 1, 1, 0, False),
    "k3s2p1": (1, 6, 5, 2, 2, 3, 3, 2, 1, 0, False),
    "k3s3p2": (1, 5, 4, 1, 2, 3, 3, 3, 2, 0, False),
    "k4s2p1": (2, 6, 8, 2, 2, 4, 4, 2, 1, 0, False),
    "k4p1": (1, 5, 4, 1, 2, 4, 4, 1, 1, 0, False),
    "k4s3": (1, 8, 7, 1, 1, 4, 4, 3, 0, 0, False),
    "k4whole": (2, 4, 4, 2, 1, 4, 4, 1, 0, 0, False),
    "k5s2p2": (1, 7, 6, 1, 2, 5, 5, 2, 2, 0, False),
    "k1x4s2p1": (1, 4, 6, 2, 1, 1, 4, 2, 1, 0, False),
    "k1x7p0x3": (2, 3, 5, 2, 2, 1, 7, 1, (0, 3), 0, False),
    "k7x1p3x0": (1, 5, 3, 2, 1, 7, 1, 1, (3, 0), 0, False),
    "k1x3s2p2x1": (1, 4, 5, 1, 2, 1, 3, 2, (2, 1), 0, False),
    "t1": (1, 3, 2, 2, 3, 1, 1, 1, 0, 0, True),
    "t1s2o1": (1, 2, 3, 1, 2, 1, 1, 2, 0, 1, True),
    "t1s3p1": (1, 3, 3, 1, 1, 1, 1, 3, 1, 0, True),
    "t2s2": (1, 3, 2, 2, 2, 2, 2, 2, 0, 0, True),
    "t2p1": (1, 4, 3, 1, 2, 2, 2, 1, 1, 0, True),
    "t2s3o2": (1, 2, 2, 1, 2, 2, 2, 3, 0, 2, True),
    "t3p1": (1, 3, 4, 2, 1, 3, 3, 1, 1, 0, True),
    "t3p2": (1, 4, 4, 1, 2, 3, 3, 1, 2, 0, True),
    "t3s2p1o1": (1, 3, 2, 2, 2, 3, 3, 2, 1, 1, True),
    "t3s3p2": (1, 3, 4, 1, 1, 3, 3, 3, 2, 0, True),
    "t4s2p1": (2, 3, 4, 2, 2, 4, 4, 2, 1, 0, True),
    "t4x2s2p1x0": (1, 3, 2, 2, 1, 4, 2, 2, (1, 0), 0, True),
    "t4s1": (2, 1, 1, 3, 2, 4, 4, 1, 0, 0, True),
    "t5s2p2o1": (1, 3, 2, 1, 2, 5, 5, 2, 2, 1, True),
    "t5s3p1o2": (1, 2, 2, 1, 1, 5, 5, 3, 1, 2, True),
}


def formula(salt, *shape):
    """Multiples of 1/64 in [-1, 1), as blocks' tests compute them."""
    i = np.arange(np.prod(shape), dtype=np.int64)
    return torch.tensor(((i * 37 + salt * 11) % 101 % 64 - 32) / 32.0).reshape(shape)


def reference(b, h, w, cin, cout, kh, kw, s, p, o, transposed):
    to_torch, from_torch = ((2, 3, 0, 1), (2, 3, 0, 1)) if transposed else ((3, 2, 0, 1), (2, 3, 1, 0))
    x = formula(1, b, h, w, cin).permute(0, 3, 1, 2).contiguous().requires_grad_()
    k = formula(2, kh, kw, cin, cout).permute(to_torch).contiguous().requires_grad_()
    if transposed:
        y = F.conv_transpose2d(x, k, stride=s, padding=p, output_padding=o)
    else:
        y = F.conv2d(x, k, stride=s, padding=p)
    c = formula(3, y.shape[0], y.shape[2], y.shape[3], y.shape[1]).permute(0, 3, 1, 2).contiguous()
    gx, gw = torch.autograd.grad((c * y * y).sum(), (x, k), create_graph=True)
    hx, hw = torch.autograd.grad(gx.square().sum() + gw.square().sum(), (x, k))
    image, kernel = (0, 2, 3, 1), from_torch
    return {"y": y.permute(image), "gx": gx.permute(image), "gw": gw.permute(kernel),
            "hx": hx.permute(image), "hw": hw.permute(kernel)}


def main():
    path = pathlib.Path(__file__).with_name("convolutions.npz")
    arrays = {}
    for name, case in CASES.items():
        padding = case[8] if isinstance(case[8], tuple) else (case[8], case[8])
        arrays[name + ".case"] = np.array([*case[:8], *padding, *case[9:]], dtype=np.int32)
        for key, value in reference(*case).items():
            arrays[f"{name}.{key}"] = value.detach().numpy().astype(np.float32)
    print("torch", torch.__version__, "numpy", np.__version__)
    if "--check" in sys.argv:
        stored = np.load(path)
        assert sorted(stored.files) == sorted(arrays), "other names"
        for name, value in arrays.items():
            np.testing.assert_allclose(stored[name], value, rtol=1e-6, atol=1e-6, err_msg=name)
        print("equal")
    else:
        np.savez_compressed(path, **arrays)
        print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
