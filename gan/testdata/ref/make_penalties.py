"""Reference values for the gradient penalties of critics, from PyTorch in float64.

Writes penalties.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

The critic of 8 px images is conv 4x4 (stride 2, padding 1, 2 to 3 channels), leaky ReLU 0.2, conv 4x4 to one value; kernels
are formula(1) and formula(2), reals formula(3), fakes formula(4), 3 of each, and alpha (formula(5) + 1)/2, as in
internal/golden, laid out as gogan's (channels last, kernels [kh, kw, in, out]). The loss is
E[d(fake)] - E[d(real)] + penalty + drift with epsilon 0.001; CASE.k1 and CASE.k2 are its gradients.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_dcgan import formula

FILE = pathlib.Path(__file__).parent / "penalties.npz"
BATCH, SIZE = 3, 8

# lambda, target, one-sided. The norms of the critic's gradient are 7.7 to 9.3: the one-sided target lies among them.
CASES = {"two": (10, 1, False), "one": (10, 8, True), "progan": (10 / 750**2, 750, False)}


def images(salt):
    return torch.tensor(formula(salt, BATCH, SIZE, SIZE, 2).transpose(0, 3, 1, 2).copy())


def case(lam, target, one_sided):
    k1 = torch.tensor(formula(1, 4, 4, 2, 3), requires_grad=True)
    k2 = torch.tensor(formula(2, 4, 4, 3, 1), requires_grad=True)

    def critic(x):
        h = F.leaky_relu(F.conv2d(x, k1.permute(3, 2, 0, 1), stride=2, padding=1), 0.2)
        return F.conv2d(h, k2.permute(3, 2, 0, 1)).reshape(-1)

    real, fake = images(3), images(4)
    alpha = torch.tensor((formula(5, BATCH, 1, 1, 1) + 1) / 2)
    between = (real + alpha * (fake - real)).requires_grad_()
    grad, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norm = grad.flatten(1).norm(2, dim=1)
    excess = norm - target
    penalty = lam * (F.relu(excess) if one_sided else excess).square().mean()
    drift = 0.001 * critic(real).square().mean()
    loss = critic(fake).mean() - critic(real).mean() + penalty + drift
    loss.backward()
    return {"norm": norm, "penalty": penalty, "drift": drift, "loss": loss, "k1": k1.grad, "k2": k2.grad}


def main():
    arrays = {f"{name}.{k}": v.detach().numpy() for name, c in CASES.items() for k, v in case(*c).items()}
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **arrays)
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-9, atol=1e-12, err_msg=k)


if __name__ == "__main__":
    main()
