"""The steps of SNGAN and WGAN-GP at 32 px in PyTorch. Settings: contiguous, channels_last, compile (channels_last with
torch.compile, which has no second derivatives: it leaves out D in WGAN-GP's own step). Variants: sngan32, wgan-gp32."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrize

from serve import arguments, serve, threads


class SpectralNorm(nn.Module):
    """W / sigma, where u is kept and one power iteration is done a call."""

    def __init__(self, u):
        super().__init__()
        self.register_buffer("u", u)

    def forward(self, weight):
        matrix = weight.flatten(1)
        with torch.no_grad():
            v = F.normalize(matrix.T @ self.u, dim=0)
            u = F.normalize(matrix @ v, dim=0)
        self.u = u  # a new tensor: what an earlier pass kept for its gradients stays as it was
        return weight / torch.dot(u, matrix @ v)


class Reader:
    """Makes layers with the weights of one player."""

    def __init__(self, inputs, player):
        self.inputs, self.player = inputs, player

    def __getitem__(self, name):
        return torch.from_numpy(self.inputs[f"{self.player}/{name}"])

    def has(self, name):
        return f"{self.player}/{name}" in self.inputs

    def finish(self, layer, name, weight):
        """Sets the weight, and its spectral norm if there is one: u belongs to the axis of outputs."""
        layer.weight.data = weight.contiguous()
        if self.has(name + "/bias"):
            layer.bias.data = self[name + "/bias"].clone()
        if self.has(name + "/u"):
            parametrize.register_parametrization(layer, "weight", SpectralNorm(self[name + "/u"].clone()),
                                                 unsafe=True)  # the check would be a power iteration
        return layer

    def conv(self, name):
        w = self[name + "/weight"].permute(3, 2, 0, 1)
        out, channels, k, _ = w.shape
        return self.finish(nn.Conv2d(channels, out, k, padding=k // 2), name, w)

    def linear(self, name):
        w = self[name + "/weight"].T
        return self.finish(nn.Linear(w.shape[1], w.shape[0], bias=self.has(name + "/bias")), name, w)

    def norm(self, name, epsilon):
        bn = nn.BatchNorm2d(len(self[name + "/weight"]), epsilon)
        bn.weight.data, bn.bias.data = self[name + "/weight"].clone(), self[name + "/bias"].clone()
        return bn


class Up(nn.Module):
    def __init__(self, read, name, epsilon):
        super().__init__()
        self.bn1, self.bn2 = read.norm(name + "/bn1", epsilon), read.norm(name + "/bn2", epsilon)
        self.conv1, self.conv2 = read.conv(name + "/conv1"), read.conv(name + "/conv2")
        self.shortcut = read.conv(name + "/shortcut")

    def forward(self, x):
        y = self.conv1(double(F.relu(self.bn1(x))))
        return self.conv2(F.relu(self.bn2(y))) + double(self.shortcut(x))


def double(x):
    return F.interpolate(x, scale_factor=2)


class Generator(nn.Module):
    def __init__(self, read, epsilon):
        super().__init__()
        self.dense = read.linear("000-dense")
        self.blocks = nn.Sequential(*(Up(read, f"{i:03d}-block", epsilon) for i in (1, 2, 3)))
        self.bn, self.conv = read.norm("004-bn", epsilon), read.conv("005-conv")

    def forward(self, z):
        x = self.dense(z).unflatten(1, (4, 4, -1)).permute(0, 3, 1, 2)  # channels last
        return torch.tanh(self.conv(F.relu(self.bn(self.blocks(x)))))


class Block(nn.Module):
    def __init__(self, read, i):
        super().__init__()
        name = f"{i:03d}-block"
        self.first, self.halve = i == 0, i < 2
        self.conv1, self.conv2 = read.conv(name + "/conv1"), read.conv(name + "/conv2")
        self.shortcut = read.conv(name + "/shortcut") if self.halve else nn.Identity()

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x if self.first else F.relu(x))))
        if self.halve:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        return y + self.shortcut(x)


class Discriminator(nn.Module):
    def __init__(self, read, pool):
        super().__init__()
        self.blocks = nn.Sequential(*(Block(read, i) for i in range(4)))
        self.dense, self.pool = read.linear("004-dense"), pool

    def forward(self, x):
        return self.dense(self.pool(F.relu(self.blocks(x)), (2, 3)))


def main():
    setting, variant, inputs = arguments()
    sngan = variant == "sngan32"
    torch.set_num_threads(threads())
    G = Generator(Reader(inputs, "generator"), 2e-5 if sngan else 1e-5)
    D = Discriminator(Reader(inputs, "discriminator"), torch.sum if sngan else torch.mean)
    layout = torch.contiguous_format if setting == "contiguous" else torch.channels_last
    G, D = G.to(memory_format=layout), D.to(memory_format=layout)
    adam = lambda net: torch.optim.Adam(net.parameters(), 2e-4, (0.0, 0.9))
    opt_g, opt_d = adam(G), adam(D)
    judge, critic = D, D
    if setting == "compile":
        G, judge = torch.compile(G), torch.compile(D)
        critic = judge if sngan else D

    def loss_of_d(reals, fakes, alpha):
        if sngan:
            return F.relu(1 - critic(reals)).mean() + F.relu(1 + critic(fakes)).mean()
        real, fake = critic(torch.cat([reals, fakes])).chunk(2)  # no norm: one pass for both
        between = (reals + alpha * (fakes - reals)).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        return fake.mean() - real.mean() + 10 * (gradient.square().sum((1, 2, 3)).sqrt() - 1).square().mean()

    def step(reals, z_d, z_g, alpha):
        x = torch.from_numpy(reals).permute(0, 3, 1, 2).contiguous(memory_format=layout)
        with torch.no_grad():
            fakes = G(torch.from_numpy(z_d))
        loss_d = loss_of_d(x, fakes, torch.from_numpy(alpha).reshape(-1, 1, 1, 1))
        opt_d.zero_grad(set_to_none=True)
        loss_d.backward()
        opt_d.step()
        # D's weights take no part in G's update: their gradients are not computed.
        D.requires_grad_(False)
        loss_g = -judge(G(torch.from_numpy(z_g))).mean()
        opt_g.zero_grad(set_to_none=True)
        loss_g.backward()
        opt_g.step()
        D.requires_grad_(True)
        return loss_d.detach(), loss_g.detach()

    serve(f"torch {torch.__version__} {setting}, {torch.get_num_threads()} threads", step, inputs)


if __name__ == "__main__":
    main()
