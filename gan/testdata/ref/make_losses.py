"""Reference values for losses with soft targets and for the relativistic ones, from torch.nn.functional in float64.

Writes losses.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

Outputs of D: seven of formula(1) times 4 and one of 50 for reals, seven of formula(2) times 4 and one of -50 for fakes, as
in internal/golden. "NAME" holds the loss, "NAME.real" and "NAME.fake" its gradients.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_dcgan import formula

FILE = pathlib.Path(__file__).parent / "losses.npz"


def bce(outputs, target):
    return F.binary_cross_entropy_with_logits(outputs, torch.full_like(outputs, target))


LOSSES = {
    "logistic_0": lambda real, fake: bce(real, 1.0) + bce(fake, 0.0),
    "logistic_0.1": lambda real, fake: bce(real, 0.9) + bce(fake, 0.0),
    "logistic_0.4": lambda real, fake: bce(real, 0.6) + bce(fake, 0.0),
    "least_squares_0.1": lambda real, fake:
        (F.mse_loss(real, torch.full_like(real, 0.9)) + F.mse_loss(fake, torch.zeros_like(fake))) / 2,
    "average_d": lambda real, fake: bce(real - fake.mean(), 1.0) + bce(fake - real.mean(), 0.0),
    "average_g": lambda real, fake: bce(fake - real.mean(), 1.0) + bce(real - fake.mean(), 0.0),
    "pairing_d": lambda real, fake: bce(real - fake, 1.0),
    "pairing_g": lambda real, fake: bce(fake - real, 1.0),
}


def main():
    arrays = {}
    for name, loss in LOSSES.items():
        real = torch.tensor(np.append(4 * formula(1, 7), 50.0), requires_grad=True)
        fake = torch.tensor(np.append(4 * formula(2, 7), -50.0), requires_grad=True)
        value = loss(real, fake)
        value.backward()
        arrays |= {name: value.detach().numpy(), name + ".real": real.grad.numpy(), name + ".fake": fake.grad.numpy()}
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **arrays)
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-9, atol=1e-12, err_msg=k)


if __name__ == "__main__":
    main()
