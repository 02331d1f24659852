"""Reference values for WaveGAN's networks, the losses of WGAN-GP and their gradients, from PyTorch in float64.

Writes wavegan.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

Sounds of 256 samples, 1 channel, width 3, latents of 6, batch 4, no phase shuffle. Weights, latents and reals are
formula(salt) as in internal/golden, weights times 0.2; the salts of a network's count its sorted names, from 1 in G and 201
in D. alpha of the penalty is (1 + formula(102)) / 2. Arrays are laid out as gogan's (channels last, kernels [1, k, in,
out]): "img" is G(z), "y" D(x), "penalty" 10 E(||grad d(x^)|| - 1)^2 with x^ = x + alpha (G(z) - x), "d.NAME" the gradient
of D's loss with the penalty, "g.NAME" that of G's. "shuffle.K" is formula(103) [1, 1, 6, 2] moved by K samples with
NumPy's reflecting pad.
The networks are written from the tables of the paper's appendix D: convolutions are conv1d on x with the padding that
TensorFlow calls "same" (10 before and 11 after), transposed ones conv_transpose1d cut by the same numbers.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_dcgan import formula

FILE = pathlib.Path(__file__).with_name("wavegan.npz")
WIDTH, LATENT, BATCH, LENGTH, LAMBDA = 3, 6, 4, 256, 10.0


def weights(shapes, salt):
    leaves = {}
    for name in sorted(shapes):
        v = np.float32(0.2) * formula(salt, *shapes[name]).astype(np.float32)
        leaves[name] = torch.tensor(v.astype(np.float64), requires_grad=True)
        salt += 1
    return leaves


G = {"000-dense/weight": (LATENT, 16 * 2 * WIDTH), "000-dense/bias": (16 * 2 * WIDTH,),
     "001-convt/weight": (1, 25, 2 * WIDTH, WIDTH), "001-convt/bias": (WIDTH,),
     "002-convt/weight": (1, 25, WIDTH, 1), "002-convt/bias": (1,)}
D = {"000-conv/weight": (1, 25, 1, WIDTH), "000-conv/bias": (WIDTH,),
     "001-conv/weight": (1, 25, WIDTH, 2 * WIDTH), "001-conv/bias": (2 * WIDTH,),
     "002-dense/weight": (16 * 2 * WIDTH, 1), "002-dense/bias": (1,)}


def generator(p, z):
    x = (z @ p["000-dense/weight"] + p["000-dense/bias"]).reshape(BATCH, 16, 2 * WIDTH).permute(0, 2, 1)
    for layer in ["001-convt", "002-convt"]:
        kernel = p[layer + "/weight"][0].permute(1, 2, 0)
        n = 4 * x.shape[2]
        x = F.conv_transpose1d(F.relu(x), kernel, stride=4)[:, :, 10 : 10 + n] + p[layer + "/bias"][:, None]
    return torch.tanh(x)


def critic(p, x):
    for layer in ["000-conv", "001-conv"]:
        kernel = p[layer + "/weight"][0].permute(2, 1, 0)
        x = F.leaky_relu(F.conv1d(F.pad(x, (10, 11)), kernel, p[layer + "/bias"], stride=4), 0.2)
    return x.permute(0, 2, 1).reshape(BATCH, -1) @ p["002-dense/weight"] + p["002-dense/bias"]


def step():
    g, d = weights(G, 1), weights(D, 201)
    z = torch.tensor(formula(100, BATCH, LATENT))
    real = torch.tensor(formula(101, BATCH, 1, LENGTH))
    alpha = torch.tensor((formula(102, BATCH, 1, 1) + 1) / 2)
    fake = generator(g, z)
    out = {"img": fake.reshape(-1), "y": critic(d, real)}
    out |= {"img_eval": out["img"], "y_eval": out["y"]}  # no norm, nothing that differs
    between = (real + alpha * (fake.detach() - real)).requires_grad_()
    slope, = torch.autograd.grad(critic(d, between).sum(), between, create_graph=True)
    out["penalty"] = LAMBDA * (slope.square().sum((1, 2)).sqrt() - 1).square().mean()
    out["loss_d"] = critic(d, fake.detach()).mean() - out["y"].mean()
    for name, v in zip(d, torch.autograd.grad(out["loss_d"] + out["penalty"], list(d.values()))):
        out["d." + name] = v
    out["loss_g"] = -critic(d, fake).mean()
    for name, v in zip(g, torch.autograd.grad(out["loss_g"], list(g.values()))):
        out["g." + name] = v
    return {"wavegan." + k: v.detach().numpy() for k, v in out.items()}


def shuffled():
    x, out = formula(103, 1, 1, 6, 2), {}
    for k in range(-2, 3):
        padded = np.pad(x, ((0, 0), (0, 0), (max(k, 0), max(-k, 0)), (0, 0)), mode="reflect")
        first = max(-k, 0)
        out[f"shuffle.{k}"] = padded[:, :, first : first + 6]
    return out


def main():
    arrays = {k: v.astype(np.float32) for k, v in (step() | shuffled()).items()}
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **arrays)
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-7, err_msg=k)


if __name__ == "__main__":
    main()
