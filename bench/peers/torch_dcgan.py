"""DCGAN's step in PyTorch. Settings: contiguous, channels_last, compile (channels_last with torch.compile)."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from serve import arguments, kernels, serve, threads


def generator(convs, norms):
    layers = []
    for i, w in enumerate(convs):
        _, _, cin, cout = w.shape
        layers.append(nn.ConvTranspose2d(cin, cout, 4, *((1, 0) if i == 0 else (2, 1)), bias=False))
        layers[-1].weight.data = torch.tensor(w.transpose(2, 3, 0, 1)).contiguous()
        layers += [norm(*norms[i]), nn.ReLU(True)] if i < 4 else [nn.Tanh()]
    return nn.Sequential(*layers)


def discriminator(convs, norms):
    layers = []
    for i, w in enumerate(convs):
        _, _, cin, cout = w.shape
        layers.append(nn.Conv2d(cin, cout, 4, *((2, 1) if i < 4 else (1, 0)), bias=False))
        layers[-1].weight.data = torch.tensor(w.transpose(3, 2, 0, 1)).contiguous()
        if 0 < i < 4 and norms:
            layers.append(norm(*norms[i - 1]))
        if i < 4:
            layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers)


def norm(scale, shift):
    bn = nn.BatchNorm2d(len(scale))
    bn.weight.data, bn.bias.data = torch.tensor(scale), torch.tensor(shift)
    return bn


def main():
    setting, variant, inputs = arguments()
    gamma = float(variant)  # of R1; 0: no R1, and batch norm in D
    torch.set_num_threads(threads())
    G, D = generator(*kernels(inputs, "generator")), discriminator(*kernels(inputs, "discriminator"))
    layout = torch.contiguous_format if setting == "contiguous" else torch.channels_last
    G, D = G.to(memory_format=layout), D.to(memory_format=layout)
    adam = lambda net: torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999))
    opt_g, opt_d = adam(G), adam(D)
    if setting == "compile":
        G, D = torch.compile(G), torch.compile(D)

    def latent(z):
        return torch.from_numpy(z).reshape(len(z), -1, 1, 1)

    def step(reals, z_d, z_g, _):
        x = torch.from_numpy(reals).permute(0, 3, 1, 2).contiguous(memory_format=layout)
        with torch.no_grad():
            fakes = G(latent(z_d))
        x.requires_grad_(gamma > 0)
        out = D(x)
        loss_d = F.softplus(-out).mean() + F.softplus(D(fakes)).mean()
        if gamma > 0:
            (grad,) = torch.autograd.grad(out.sum(), x, create_graph=True)
            loss_d = loss_d + gamma / 2 * grad.square().sum((1, 2, 3)).mean()
        opt_d.zero_grad(set_to_none=True)
        loss_d.backward()
        opt_d.step()
        # D's weights take no part in G's update: their gradients are not computed.
        D.requires_grad_(False)
        loss_g = F.softplus(-D(G(latent(z_g)))).mean()
        opt_g.zero_grad(set_to_none=True)
        loss_g.backward()
        opt_g.step()
        D.requires_grad_(True)
        return loss_d.detach(), loss_g.detach()

    serve(f"torch {torch.__version__} {setting}, {torch.get_num_threads()} threads", step, inputs)


if __name__ == "__main__":
    main()
