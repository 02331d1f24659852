"""Reference values for the DCGAN losses, their gradients and R1, from PyTorch in float64.

Writes dcgan.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

dcgan.npz: networks of 32 px, 3 channels, width 3, latents of 8, batch 4. Weights, latents and reals are
formula(salt) as in internal/golden, the salt of a weight being its place in the list of variables. Case "bn" has batch
norm in D, case "r1" has none and adds gamma/2 E||grad||^2 with gamma 10. Arrays are laid out as gogan's
(channels last, kernels [kh, kw, in, out]); "CASE.d.NAME" is the gradient of D's loss, "CASE.g.NAME" that of G's.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
WIDTH, LATENT, BATCH, SIZE, CHANNELS, GAMMA = 3, 8, 4, 32, 3, 10.0


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        w = WIDTH
        self.layers = nn.ModuleDict({
            "000-convt": nn.ConvTranspose2d(LATENT, 4 * w, 4, 1, 0, bias=False), "001-bn": nn.BatchNorm2d(4 * w),
            "002-convt": nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1, bias=False), "003-bn": nn.BatchNorm2d(2 * w),
            "004-convt": nn.ConvTranspose2d(2 * w, w, 4, 2, 1, bias=False), "005-bn": nn.BatchNorm2d(w),
            "006-convt": nn.ConvTranspose2d(w, CHANNELS, 4, 2, 1, bias=False)})

    def forward(self, z):
        x = z[:, :, None, None]
        for name, layer in self.layers.items():
            x = layer(x)
            if name.endswith("bn"):
                x = F.relu(x)
        return torch.tanh(x)


class Discriminator(nn.Module):
    def __init__(self, norm):
        super().__init__()
        w = WIDTH
        layers = {"000-conv": nn.Conv2d(CHANNELS, w, 4, 2, 1, bias=False), "002-conv": nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False)}
        if norm:
            layers["003-bn"] = nn.BatchNorm2d(2 * w)
        layers["004-conv"] = nn.Conv2d(2 * w, 4 * w, 4, 2, 1, bias=False)
        if norm:
            layers["005-bn"] = nn.BatchNorm2d(4 * w)
        layers["006-conv"] = nn.Conv2d(4 * w, 1, 4, 1, 0, bias=False)
        self.layers, self.norm = nn.ModuleDict(layers), norm

    def forward(self, x):
        names = list(self.layers)
        for i, name in enumerate(names):
            x = self.layers[name](x)
            normed_next = i + 1 < len(names) and names[i + 1].endswith("bn")
            if name != names[-1] and not normed_next:
                x = F.leaky_relu(x, 0.2)
        return x.reshape(-1, 1)


def to_ours(name, v):
    """PyTorch's layout to [kh, kw, in, out]."""
    v = np.asarray(v)
    if v.ndim != 4:
        return v
    return v.transpose(2, 3, 0, 1) if "convt" in name else v.transpose(2, 3, 1, 0)


def to_torch(name, v):
    if v.ndim != 4:
        return v
    return v.transpose(2, 3, 0, 1) if "convt" in name else v.transpose(3, 2, 0, 1)


def fill(net, salt):
    """Weights by formula in gogan's layout: convolutions 0.2·u, scales 1 + 0.2·u, shifts 0.2·u."""
    for name, p in net.named_parameters():
        ours = to_ours(name, p.detach()).shape
        v = 0.2 * formula(salt, *ours).astype(np.float32)
        if name.endswith("bn.weight"):
            v = v + np.float32(1)
        p.data = torch.tensor(to_torch(name, v.astype(np.float64)).copy())
        salt += 1
    return salt


def case(norm, gamma):
    g, d = Generator().double(), Discriminator(norm).double()
    fill(d, fill(g, 1))
    z = torch.tensor(formula(100, BATCH, LATENT))
    x = torch.tensor(formula(101, BATCH, SIZE, SIZE, CHANNELS).transpose(0, 3, 1, 2).copy(), requires_grad=True)
    out = {}
    real, fake = d(x), d(g(z).detach())
    loss = F.softplus(-real).mean() + F.softplus(fake).mean()
    out["loss_d"] = loss.detach().numpy()
    if gamma:
        grad, = torch.autograd.grad(real.sum(), x, create_graph=True)
        r1 = gamma / 2 * grad.square().sum((1, 2, 3)).mean()
        out["r1"] = r1.detach().numpy()
        loss = loss + r1
    for (name, _), v in zip(d.named_parameters(), torch.autograd.grad(loss, list(d.parameters()))):
        out["d." + name[len("layers."):]] = to_ours(name, v)
    for name, v in list(d.named_buffers()):
        if "running" in name:
            out["d." + name[len("layers."):]] = v.numpy().copy()
    loss = F.softplus(-d(g(z))).mean()
    out["loss_g"] = loss.detach().numpy()
    for (name, _), v in zip(g.named_parameters(), torch.autograd.grad(loss, list(g.parameters()))):
        out["g." + name[len("layers."):]] = to_ours(name, v)
    return out


def main():
    dcgan = {}
    for name, (norm, gamma) in {"bn": (True, 0), "r1": (False, GAMMA)}.items():
        dcgan |= {f"{name}.{k}": np.asarray(v, dtype=np.float32) for k, v in case(norm, gamma).items()}
    if "--check" not in sys.argv:
        np.savez_compressed(HERE / "dcgan.npz", **dcgan)
        return
    stored = np.load(HERE / "dcgan.npz")
    assert sorted(stored) == sorted(dcgan), "other names"
    for k, v in dcgan.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-7, err_msg=k)


if __name__ == "__main__":
    main()
