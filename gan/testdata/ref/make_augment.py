"""Reference values for DiffAugment: its arithmetic in NumPy, pixel by pixel, on given draws.

Writes augment.npz beside it. `--check` recomputes and fails if a stored value differs; `--original FILE` also runs the
authors' DiffAugment_pytorch.py (mit-han-lab/data-efficient-gans, commit 0b63395) on the same draws and compares.
Made with numpy 2.4; the original with torch 2.15.0.

Images [4, 10, 18, CHANNELS] are formula(1) and draws [draws, 4] of change number i of the policy are
(formula(10 + i) + 1)/2, as in internal/golden.
"""

import pathlib
import sys

import numpy as np

from make_dcgan import formula

FILE = pathlib.Path(__file__).parent / "augment.npz"
BATCH, HEIGHT, WIDTH = 4, 10, 18
CASES = {"all": (3, "color,translation,cutout"), "grey": (1, "color,translation,cutout"), "cut_first": (3, "cutout,translation")}


def color(x, u):
    x = x + u[0] - 0.5
    mean = x.mean(-1, keepdims=True)
    x = mean + (x - mean) * 2 * u[1]
    return x.mean() + (x - x.mean()) * (u[2] + 0.5)


def translation(x, u):
    h, w, _ = x.shape
    dy, dx = (int(u[i] * (2 * (n // 8) + 1)) - n // 8 for i, n in enumerate((h, w)))
    out = np.zeros_like(x)
    for i in range(h):
        for j in range(w):
            if 0 <= i + dy < h and 0 <= j + dx < w:
                out[i, j] = x[i + dy, j + dx]
    return out


def cutout(x, u):
    h, w, _ = x.shape
    out = x.copy()
    starts = [int(u[i] * (n + 1 - n // 2 % 2)) - n // 2 // 2 for i, n in enumerate((h, w))]
    for i in range(h):
        for j in range(w):
            if 0 <= i - starts[0] < h // 2 and 0 <= j - starts[1] < w // 2:
                out[i, j] = 0
    return out


CHANGES = {"color": (color, 3), "translation": (translation, 2), "cutout": (cutout, 2)}


def draws(policy):
    names = policy.split(",")
    return [(formula(10 + i, CHANGES[name][1], BATCH) + 1) / 2 for i, name in enumerate(names)]


def case(channels, policy):
    x = formula(1, BATCH, HEIGHT, WIDTH, channels)
    for name, u in zip(policy.split(","), draws(policy)):
        x = np.stack([CHANGES[name][0](x[b], u[:, b]) for b in range(BATCH)])
    return x


def original(path, channels, policy):
    """The authors' file with its random numbers replaced by the draws."""
    import importlib.util

    import torch
    spec = importlib.util.spec_from_file_location("original", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    numbers = iter(np.concatenate(draws(policy)))
    module.torch.rand = lambda *shape, **_: torch.tensor(next(numbers)).reshape(shape)
    module.torch.randint = lambda low, high, size, **_: (
        torch.tensor(next(numbers)).reshape(size) * (high - low)).floor().long() + low
    return module.DiffAugment(torch.tensor(formula(1, BATCH, HEIGHT, WIDTH, channels)), policy, channels_first=False).numpy()


def main():
    arrays = {name: case(*c) for name, c in CASES.items()}
    if "--original" in sys.argv:
        for name, c in CASES.items():
            theirs = original(sys.argv[sys.argv.index("--original") + 1], *c)
            np.testing.assert_allclose(arrays[name], theirs, rtol=1e-12, atol=1e-12, err_msg=f"original: {name}")
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **{k: v.astype(np.float32) for k, v in arrays.items()})
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-6, atol=1e-7, err_msg=k)


if __name__ == "__main__":
    main()
