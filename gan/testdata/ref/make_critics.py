"""Reference values for the networks of WGAN-GP and for DCGAN's discriminator under other norms, with one step of each
player, in float64.

Writes critics.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

The authors' code (igul222/improved_wgan_training) is TensorFlow; this is PyTorch from what that code says: gan_cifar_resnet.py
without classes ("resnet"), gan_cifar.py ("conv"), tflib/ops for padding SAME, batch norm (over each unit after the first
layer of "conv") and layer norm (PyTorch's GroupNorm of one group). "layer" is DCGAN's pair at 32 px with that layer norm
in D; all three are trained with the Wasserstein loss and 10 E(||grad d(x^)|| - 1)^2, x^ = x + alpha (G(z) - x). "spectral"
is DCGAN's pair with torch.nn.utils.spectral_norm in D, trained with the hinge loss.

Width 3 (1 in "conv"), latents of 6, batch 4, 32 px, 3 channels. Weights by formula, names and layout as in make_sngan.py, the
salt of D's first variable 201; weights are larger in "resnet", where outputs would be almost equal else. alpha is
(1 + formula(102)) / 2. Of "layer" and "spectral" no gradients of G are stored, dcgan.npz has some.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from make_dcgan import formula

HERE = pathlib.Path(__file__).parent
LATENT, BATCH, SIZE, STRIDE, LAMBDA = 6, 4, 32, 127, 10.0


class Net(nn.Module):
    """Layers under gogan's names. `chw` holds those whose units are (axis 0) or whose inputs were (axis 1) a map
    [c, 4, 4], which gogan flattens with the channels last."""

    def __init__(self, layers, chw=()):
        super().__init__()
        self.layers, self.chw = nn.ModuleDict(layers), dict(chw)

    def __getitem__(self, name):
        return self.layers[name]


def block(name, n, bn):
    layers = {f"{name}/conv1": nn.Conv2d(n, n, 3, padding=1), f"{name}/conv2": nn.Conv2d(n, n, 3, padding=1)}
    return layers | ({f"{name}/bn1": nn.BatchNorm2d(n), f"{name}/bn2": nn.BatchNorm2d(n)} if bn else {})


class ResNetG(Net):
    def __init__(self, w=3):
        layers = {"000-dense": nn.Linear(LATENT, 16 * w), "004-bn": nn.BatchNorm2d(w), "005-conv": nn.Conv2d(w, 3, 3, padding=1)}
        for i in (1, 2, 3):
            layers |= block(f"00{i}-block", w, True) | {f"00{i}-block/shortcut": nn.Conv2d(w, w, 1)}
        super().__init__(layers, {"000-dense": 0})

    def forward(self, z):
        x = self["000-dense"](z).reshape(len(z), -1, 4, 4)
        for b in ("001-block", "002-block", "003-block"):
            y = self[b + "/conv1"](up(F.relu(self[b + "/bn1"](x))))
            y = self[b + "/conv2"](F.relu(self[b + "/bn2"](y)))
            x = y + self[b + "/shortcut"](up(x))
        return torch.tanh(self["005-conv"](F.relu(self["004-bn"](x))))


def up(x):
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def pool(x):
    return (x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]) / 4


class ResNetD(Net):
    def __init__(self, w=3):
        layers = {"000-block/conv1": nn.Conv2d(3, w, 3, padding=1), "000-block/conv2": nn.Conv2d(w, w, 3, padding=1),
                  "000-block/shortcut": nn.Conv2d(3, w, 1), "001-block/shortcut": nn.Conv2d(w, w, 1), "004-dense": nn.Linear(w, 1)}
        for i in (1, 2, 3):
            layers |= block(f"00{i}-block", w, False)
        super().__init__(layers)

    def forward(self, x):
        y = self["000-block/conv2"](F.relu(self["000-block/conv1"](x)))
        x = pool(y) + self["000-block/shortcut"](pool(x))
        for b in ("001-block", "002-block", "003-block"):
            y = self[b + "/conv2"](F.relu(self[b + "/conv1"](F.relu(x))))
            x = pool(y) + pool(self[b + "/shortcut"](x)) if b == "001-block" else x + y
        return self["004-dense"](F.relu(x).mean((2, 3)))


class ConvG(Net):
    def __init__(self, w=1):
        super().__init__({
            "000-dense": nn.Linear(LATENT, 64 * w), "001-bn": nn.BatchNorm1d(64 * w),
            "002-convt": nn.ConvTranspose2d(4 * w, 2 * w, 5, 2), "003-bn": nn.BatchNorm2d(2 * w),
            "004-convt": nn.ConvTranspose2d(2 * w, w, 5, 2), "005-bn": nn.BatchNorm2d(w),
            "006-convt": nn.ConvTranspose2d(w, 3, 5, 2)}, {"000-dense": 0, "001-bn": 0})

    def forward(self, z):
        x = F.relu(self["001-bn"](self["000-dense"](z))).reshape(len(z), -1, 4, 4)
        for i in (2, 4, 6):
            # What SAME leaves of a transposed convolution: the first row and column and the last two are cut off.
            x = self[f"00{i}-convt"](x)[:, :, 1:-2, 1:-2]
            if i < 6:
                x = F.relu(self[f"00{i + 1}-bn"](x))
        return torch.tanh(x)


class ConvD(Net):
    def __init__(self, w=1):
        super().__init__({
            "000-conv": nn.Conv2d(3, w, 5, 2), "001-conv": nn.Conv2d(w, 2 * w, 5, 2), "002-conv": nn.Conv2d(2 * w, 4 * w, 5, 2),
            "003-dense": nn.Linear(64 * w, 1)}, {"003-dense": 1})

    def forward(self, x):
        for i in range(3):  # SAME pads 32, 16 and 8 pixels by one before and two behind
            x = F.leaky_relu(self[f"00{i}-conv"](F.pad(x, (1, 2, 1, 2))), 0.2)
        return self["003-dense"](x.flatten(1))


class DCGANG(Net):
    def __init__(self, w=3):
        conv = lambda *a: nn.ConvTranspose2d(*a, bias=False)
        super().__init__({
            "000-convt": conv(LATENT, 4 * w, 4, 1, 0), "001-bn": nn.BatchNorm2d(4 * w), "002-convt": conv(4 * w, 2 * w, 4, 2, 1),
            "003-bn": nn.BatchNorm2d(2 * w), "004-convt": conv(2 * w, w, 4, 2, 1), "005-bn": nn.BatchNorm2d(w),
            "006-convt": conv(w, 3, 4, 2, 1)})

    def forward(self, z):
        x = z[:, :, None, None]
        for i in (0, 2, 4):
            x = F.relu(self[f"00{i + 1}-bn"](self[f"00{i}-convt"](x)))
        return torch.tanh(self["006-convt"](x))


class DCGAND(Net):
    def __init__(self, norm, w=3):
        sn = nn.utils.spectral_norm if norm == "spectral" else lambda layer: layer
        conv = lambda *a: sn(nn.Conv2d(*a, bias=False))
        layers = {"000-conv": conv(3, w, 4, 2, 1), "002-conv": conv(w, 2 * w, 4, 2, 1), "004-conv": conv(2 * w, 4 * w, 4, 2, 1),
                  "006-conv": conv(4 * w, 1, 4, 1, 0)}
        if norm == "layer":
            layers |= {"003-ln": nn.GroupNorm(1, 2 * w), "005-ln": nn.GroupNorm(1, 4 * w)}
        super().__init__(layers)

    def forward(self, x):
        for i in (0, 2, 4):
            x = self[f"00{i}-conv"](x)
            if f"00{i + 1}-ln" in self.layers:
                x = self[f"00{i + 1}-ln"](x)
            x = F.leaky_relu(x, 0.2)
        return self["006-conv"](x).reshape(-1, 1)


def ours(net):
    """{gogan's name: (tensor, function to gogan's layout, its inverse)} of all but counters and right singular vectors."""
    out = {}
    for key, v in [*net.named_parameters(), *net.named_buffers()]:
        name, leaf = key.removeprefix("layers.").rsplit(".", 1)
        if leaf in ("num_batches_tracked", "weight_v"):
            continue
        leaf = {"weight_orig": "weight", "weight_u": "u"}.get(leaf, leaf)
        to = back = lambda a: a
        axis = net.chw.get(name)
        if v.ndim == 4:
            axes, inverse = ((2, 3, 0, 1), (2, 3, 0, 1)) if "convt" in name else ((2, 3, 1, 0), (3, 2, 0, 1))
            to, back = lambda a, p=axes: a.transpose(p), lambda a, p=inverse: a.transpose(p)
        elif axis is not None and axis < v.ndim:
            c = v.shape[axis] // 16
            last = np.arange(16 * c).reshape(c, 16).T.reshape(-1)  # gogan's unit i is the original's unit last[i]
            to = lambda a, i=last, n=axis: a.take(i, n).T
            back = lambda a, i=np.argsort(last), n=axis: a.T.take(i, n)
        elif v.ndim == 2:
            to = back = lambda a: a.T
        out[f"{name}/{leaf}"] = v, to, back
    return dict(sorted(out.items()))


def fill(net, salt, scale):
    """scale·u, scales of norms 1 + scale·u, vectors u."""
    for name, (v, to, back) in ours(net).items():
        if "running" in name:
            continue
        a = formula(salt, *to(v.detach().numpy()).shape).astype(np.float32)
        if not name.endswith("/u"):
            a = np.float32(scale) * a
        if name.endswith(("bn/weight", "bn1/weight", "bn2/weight", "ln/weight")):
            a = a + np.float32(1)
        with torch.no_grad():
            v.copy_(torch.tensor(np.ascontiguousarray(back(a.astype(np.float64)))))
        salt += 1


def gradients(net, loss):
    loss.backward()
    return {name: to((v.grad if v.grad is not None else v).detach().numpy().copy()) for name, (v, to, _) in ours(net).items()}


def case(name, make_g, make_d):
    scale = 0.8 if name == "resnet" else 0.2
    hinge = name == "spectral"
    z = torch.tensor(formula(100, BATCH, LATENT))
    x = torch.tensor(formula(101, BATCH, SIZE, SIZE, 3).transpose(0, 3, 1, 2).copy())
    alpha = torch.tensor((1 + formula(102, BATCH, 1, 1, 1)) / 2)

    def fresh():
        g, d = make_g().double(), make_d().double()
        fill(g, 1, scale)
        fill(d, 201, scale)
        return g, d

    def sample(img):
        return img.detach().numpy().transpose(0, 2, 3, 1).reshape(-1)[::STRIDE]

    g, d = fresh()
    fake = g(z)
    out = {"img": sample(fake), "img_eval": sample(g.eval()(z))}
    fake = fake.detach()
    real, fakes = d(x), d(fake)
    out["y"] = real.detach().numpy()
    loss = F.relu(1 - real).mean() + F.relu(1 + fakes).mean() if hinge else fakes.mean() - real.mean()
    out["loss_d"] = loss.detach().numpy()
    if not hinge:
        between = (x + alpha * (fake - x)).requires_grad_()
        grad, = torch.autograd.grad(d(between).sum(), between, create_graph=True)
        penalty = LAMBDA * (grad.square().sum((1, 2, 3)).sqrt() - 1).square().mean()
        out["penalty"] = penalty.detach().numpy()
        loss = loss + penalty
    out |= {"d." + k: v for k, v in gradients(d, loss).items()}
    out["y_eval"] = d(x).detach().numpy()  # of the norms here only spectral norm could tell training from evaluation
    g, d = fresh()
    loss = -d(g(z)).mean()
    out["loss_g"] = loss.detach().numpy()
    if name in ("resnet", "conv"):
        out |= {"g." + k: v for k, v in gradients(g, loss).items()}
    return out


def main():
    arrays = {}
    for name, g, d in (("resnet", ResNetG, ResNetD), ("conv", ConvG, ConvD), ("layer", DCGANG, lambda: DCGAND("layer")),
                       ("spectral", DCGANG, lambda: DCGAND("spectral"))):
        arrays |= {f"{name}.{k}": np.asarray(v, dtype=np.float32) for k, v in case(name, g, d).items()}
    for name, nets in (("resnet", (ResNetG, ResNetD)), ("conv", (ConvG, ConvD))):  # at the authors' width and latents
        counts = [sum(p.numel() for p in net(128).parameters()) for net in nets]
        counts[0] += (128 - LATENT) * nets[0](128)["000-dense"].out_features
        arrays[name + ".parameters"] = np.asarray(counts)
    path = HERE / "critics.npz"
    if "--check" not in sys.argv:
        np.savez_compressed(path, **arrays)
        print(path, path.stat().st_size, "bytes")
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-7, err_msg=k)


if __name__ == "__main__":
    main()
