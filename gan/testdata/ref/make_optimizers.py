"""Reference values for the optimizers, their clipping and the accumulation of gradients, from torch.optim in float64.

Writes optimizers.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

Each array holds seven weights after each of 5 steps on given gradients; formula(salt) is that of internal/golden. The
weights are two parameters, of 3 and 4, so that a norm over all of them differs from one over each.
"""

import pathlib
import sys

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from make_dcgan import formula

FILE = pathlib.Path(__file__).parent / "optimizers.npz"
STEPS = 5

# name: (optimizer, clip value, clip norm, steps of an update). The gradients of each step are a tenth of those before:
# the bounds act on the first and not on the others.
RULES = {
    "adam": (lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999)), 0, 0, 1),
    "adam0": (lambda p: torch.optim.Adam(p, lr=1e-3, betas=(0.0, 0.9)), 0, 0, 1),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=5e-5, alpha=0.99, eps=1e-8), 0, 0, 1),
    "rmsprop_eps": (lambda p: torch.optim.RMSprop(p, lr=1e-2, alpha=0.9, eps=1e-2), 0, 0, 1),
    "sgd": (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), 0, 0, 1),
    "sgd0": (lambda p: torch.optim.SGD(p, lr=0.1), 0, 0, 1),
    "nag": (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True), 0, 0, 1),
    "clip_value": (lambda p: torch.optim.SGD(p, lr=0.1), 0.3, 0, 1),
    "clip_norm": (lambda p: torch.optim.SGD(p, lr=0.1), 0, 0.2, 1),
    "clip_both": (lambda p: torch.optim.SGD(p, lr=0.1), 0.3, 0.2, 1),
    "accumulate": (lambda p: torch.optim.Adam(p, lr=1e-2, betas=(0.5, 0.999)), 0, 0, 2),
    "accumulate_clipped": (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), 0, 0.2, 2),
}


def optimize(rule, clip_value, clip_norm, k):
    w = formula(1, 7)
    params = [torch.nn.Parameter(torch.tensor(v)) for v in (w[:3], w[3:])]
    opt, out = rule(params), []
    for t in range(STEPS):
        g = formula(10 + t, 7) * 10.0**-t
        loss = sum((p * torch.tensor(v)).sum() for p, v in zip(params, (g[:3], g[3:])))
        (loss / k).backward()
        if (t + 1) % k == 0:
            if clip_value:
                clip_grad_value_(params, clip_value)
            if clip_norm:
                clip_grad_norm_(params, clip_norm)
            opt.step()
            opt.zero_grad()
        out.append(torch.cat(params).detach().numpy().copy())
    return np.stack(out)


def main():
    arrays = {name: optimize(*rule) for name, rule in RULES.items()}
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **arrays)
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-9, atol=1e-12, err_msg=k)


if __name__ == "__main__":
    main()
