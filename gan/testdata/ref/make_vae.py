"""Reference values for one step of variational autoencoders, from PyTorch in float64, at given noise.

Writes vae.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4. The originals are looked for in $GOGAN_PEERS_SRC (default: peers-src in the user's
cache directory of gogan): pytorch-examples/vae/main.py of pytorch/examples at 77f55b9, of which the class VAE and the
function loss_function run as they are, without the script around them; PyTorch-VAE/models of AntixK/PyTorch-VAE at a6896b9.

Cases:
    mlp     the class of pytorch/examples, 784-400-(20, 20) and 20-400-784, batch 4, its loss divided by the batch
    conv    VanillaVAE at 64 px, widths 32 to 512, latents of 128, batch 3, its loss with kld_weight 2.5e-4, divided by it
    dcgan   the generator of make_dcgan.py and its discriminator with batch norm and two outputs for each latent, grey
            levels as Bernoulli probabilities, β 3 (no original)
Weights, images and noise are formula(salt) as in internal/golden, weights times SCALE, the salt being the place in the list
of the encoder's variables and then the decoder's, 1 the first. Arrays are laid out as gogan's. Of tensors with more than
LIMIT values every n-th is stored, n = size // LIMIT + 1:
    CASE.loss, CASE.reconstruction, CASE.kl, CASE.mean, CASE.logvar, CASE.e.NAME and CASE.g.NAME (gradients),
    CASE.parameters (their numbers in encoder and decoder)
"""

import ast
import os
import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import make_dcgan
from make_dcgan import formula

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "gogan" / "peers-src"))
LIMIT, KLD_WEIGHT = 200, 2.5e-4
SCALE = {"mlp": 0.05, "conv": 0.05, "dcgan": 0.2}


def example():
    """The class and the loss of pytorch/examples; importing the file would train."""
    tree = ast.parse((SOURCE / "pytorch-examples" / "vae" / "main.py").read_text())
    tree.body = [n for n in tree.body if getattr(n, "name", "") in ("VAE", "loss_function")]
    names = {"nn": nn, "F": F, "torch": torch}
    exec(compile(tree, "main.py", "exec"), names)
    return names["VAE"](), names["loss_function"]


class DCGAN(nn.Module):
    """An encoder that mirrors the generator, and the generator."""

    def __init__(self):
        super().__init__()
        self.e, self.g = make_dcgan.Discriminator(True), make_dcgan.Generator()
        w, latents = make_dcgan.WIDTH, make_dcgan.LATENT
        self.e.layers["006-conv"] = nn.Conv2d(4 * w, 2 * latents, 4, 1, 0, bias=False)

    def forward(self, x):
        mean, logvar = self.e(x).reshape(len(x), -1).chunk(2, 1)
        return self.g(mean + (logvar / 2).exp() * torch.randn_like(mean)), mean, logvar


SAME = (lambda w: w, lambda w: w)
LAYOUTS = ((nn.Linear, (lambda w: w.T, lambda w: w.T)),
           (nn.ConvTranspose2d, (lambda w: w.transpose(2, 3, 0, 1), lambda w: w.transpose(2, 3, 0, 1))),
           (nn.Conv2d, (lambda w: w.transpose(2, 3, 1, 0), lambda w: w.transpose(3, 2, 0, 1))),
           (nn.Module, SAME))


def variables(layers, weights={}, biases={}):
    """[(gogan's name, parameter, function to gogan's layout, its inverse)] of {name: layer}, weight before bias; weights and
    biases name the layouts of layers that have one of their own."""
    out = []
    for name, layer in layers.items():
        usual = next(functions for kind, functions in LAYOUTS if isinstance(layer, kind))
        for part, p in layer.named_parameters():
            own = weights.get(name, usual) if part == "weight" else biases.get(name, SAME)
            out.append((f"{name}/{part}", p, *own))
    return out


MAPS = 512
# Dense layers after and before a map of 2x2: PyTorch flattens [maps, 2, 2], gogan [2, 2, maps].
AFTER_MAP = (lambda w: w.reshape(-1, MAPS, 2, 2).transpose(2, 3, 1, 0).reshape(4 * MAPS, -1),
             lambda w: w.reshape(2, 2, MAPS, -1).transpose(3, 2, 0, 1).reshape(-1, 4 * MAPS))
BEFORE_MAP = (lambda w: w.reshape(MAPS, 2, 2, -1).transpose(3, 1, 2, 0).reshape(-1, 4 * MAPS),
              lambda w: w.reshape(-1, 2, 2, MAPS).transpose(3, 1, 2, 0).reshape(4 * MAPS, -1))
BIAS_BEFORE_MAP = (lambda b: b.reshape(MAPS, 4).T.ravel(), lambda b: b.reshape(4, MAPS).T.ravel())


def networks(case):
    """The model, and the variables of its encoder and decoder."""
    if case == "mlp":
        m, _ = example()
        return (m, variables({"000-dense": m.fc1, "001-mean": m.fc21, "002-logvar": m.fc22}),
                variables({"000-dense": m.fc3, "001-dense": m.fc4}))
    if case == "dcgan":
        m = DCGAN()
        return m, variables(m.e.layers), variables(m.g.layers)
    sys.path.insert(0, str(SOURCE / "PyTorch-VAE"))
    from models.vanilla_vae import VanillaVAE

    m = VanillaVAE(3, 128)
    e, g = {}, {"000-dense": m.decoder_input}
    for i, (conv, bn, _) in enumerate(m.encoder):
        e[f"{2 * i:03d}-conv"], e[f"{2 * i + 1:03d}-bn"] = conv, bn
    e["010-mean"], e["011-logvar"] = m.fc_mu, m.fc_var
    for i, block in enumerate([*m.decoder, m.final_layer]):
        g[f"{2 * i + 1:03d}-convt"], g[f"{2 * i + 2:03d}-bn"] = block[0], block[1]
    g["011-conv"] = m.final_layer[3]
    return (m, variables(e, {"010-mean": AFTER_MAP, "011-logvar": AFTER_MAP}),
            variables(g, {"000-dense": BEFORE_MAP}, {"000-dense": BIAS_BEFORE_MAP}))


def forward(case, m, x):
    """What the model says of images [n, h, w, c] in [-1, 1]: loss, reconstruction and divergence per image, mean, logvar."""
    n = len(x)
    x = torch.tensor(x.transpose(0, 3, 1, 2).copy())
    if case == "mlp":
        p, mean, logvar = m((x + 1) / 2)
        loss = example()[1](p, (x + 1) / 2, mean, logvar) / n
        reconstruction = F.binary_cross_entropy(p, ((x + 1) / 2).view(-1, 784), reduction="sum") / n
        return loss, reconstruction, loss - reconstruction, mean, logvar
    if case == "conv":
        result = m(x)
        losses = m.loss_function(*result, M_N=KLD_WEIGHT)
        return losses["loss"] / KLD_WEIGHT, losses["Reconstruction_Loss"] / KLD_WEIGHT, -losses["KLD"], *result[2:]
    y, mean, logvar = m(x)
    reconstruction = F.binary_cross_entropy((y + 1) / 2, (x + 1) / 2, reduction="sum") / n
    prior = torch.distributions.Normal(torch.zeros_like(mean), 1)
    kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, (logvar / 2).exp()), prior).sum() / n
    return reconstruction + 3 * kl, reconstruction, kl, mean, logvar


SHAPES = {"mlp": (4, 28, 1, 20), "conv": (3, 64, 3, 128), "dcgan": (4, 32, 3, make_dcgan.LATENT)}


def run(case):
    m, e, g = networks(case)
    m = m.double().train()
    salt = 1
    parameters = [(f"{prefix}.{name}", *rest) for prefix, variables in (("e", e), ("g", g)) for name, *rest in variables]
    assert sum(p.numel() for _, p, _, _ in parameters) == sum(p.numel() for p in m.parameters()), "a parameter was missed"
    for name, p, to, back in parameters:
        shape = to(p.detach().numpy()).shape
        v = np.float32(SCALE[case]) * formula(salt, *shape).astype(np.float32)
        if name.endswith("bn/weight"):
            v = v + np.float32(1)
        p.data = torch.tensor(np.ascontiguousarray(back(v.astype(np.float64))))
        salt += 1
    n, size, channels, latents = SHAPES[case]
    noise = torch.tensor(formula(100, n, latents))
    randn_like, torch.randn_like = torch.randn_like, lambda like: noise
    try:
        values = forward(case, m, formula(101, n, size, size, channels))
    finally:
        torch.randn_like = randn_like
    out = {k: v.detach().numpy() for k, v in zip(("loss", "reconstruction", "kl", "mean", "logvar"), values)}
    out["parameters"] = np.array([sum(p.numel() for _, p, _, _ in variables) for variables in (e, g)])
    gradients = torch.autograd.grad(values[0], [p for _, p, _, _ in parameters])
    for (name, _, to, _), gradient in zip(parameters, gradients):
        flat = np.ascontiguousarray(to(gradient.numpy())).ravel()
        out[name.replace("/", ".")] = flat[::flat.size // LIMIT + 1]
    return out


def main():
    vae = {f"{case}.{k}": np.asarray(v, dtype=np.float32) for case in SHAPES for k, v in run(case).items()}
    if "--check" not in sys.argv:
        np.savez_compressed(HERE / "vae.npz", **vae)
        return
    stored = np.load(HERE / "vae.npz")
    assert sorted(stored) == sorted(vae), "other names"
    for k, v in vae.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-7 * np.abs(stored[k]).max(), err_msg=k)


if __name__ == "__main__":
    main()
