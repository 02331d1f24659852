"""Reference values for the networks and one training step of CycleGAN, from the authors' classes run as they are.

Writes networks.npz and step.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with github.com/junyanz/pytorch-CycleGAN-and-pix2pix at commit 003efc4, torch 2.15.0 and numpy 2.4, in float64. The
directory of that repository is $GOGAN_PEERS_SRC/cyclegan, by default in the user's cache directory.

Weights and pictures are formula(salt) as in internal/golden. Variables have gogan's names and layout (channels last, kernels
[kh, kw, in, out]); sorted by name, the salt of a variable of a network is its place plus a number: convolutions and biases are
0.2·u, scales of norms 1 + 0.2·u, shifts 0.2·u.

networks.npz: for each network of NETWORKS, with weights from salt 1 on and x = formula(100), the output while training,
every STRIDEth value of it.
"""

import os
import pathlib
import sys

import numpy as np
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
sys.path.insert(0, str(pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", CACHE / "gogan/peers-src")) / "cyclegan"))

from models import networks  # noqa: E402

STRIDE = 23

# name: (height, width, batch, network). Norms as the options of the original name them.
NETWORKS = {
    "resnet6": (16, 24, 2, lambda: networks.define_G(3, 3, 4, "resnet_6blocks", "instance")),
    "resnet9": (16, 16, 1, lambda: networks.define_G(1, 1, 3, "resnet_9blocks", "instance")),
    "resnet6_batch": (16, 24, 2, lambda: networks.define_G(3, 3, 3, "resnet_6blocks", "batch")),
    "unet128": (128, 128, 1, lambda: networks.define_G(3, 3, 2, "unet_128", "instance")),
    "unet256_batch": (256, 256, 2, lambda: networks.define_G(1, 1, 1, "unet_256", "batch")),
    "patch3": (40, 48, 2, lambda: networks.define_D(3, 3, "basic", 3, "instance")),
    "patch1": (16, 16, 1, lambda: networks.define_D(1, 3, "n_layers", 1, "instance")),
    "patch4_batch": (64, 64, 2, lambda: networks.define_D(3, 2, "n_layers", 4, "batch")),
    "pixel": (6, 8, 2, lambda: networks.define_D(3, 3, "pixel", 3, "instance")),
    "pixel_batch": (6, 8, 2, lambda: networks.define_D(3, 3, "pixel", 3, "batch")),
}


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def chain(modules):
    """gogan's names of the layers of a ResNet generator or a discriminator, in the order of the module."""
    names, layer = {}, -1
    for m in modules:
        if isinstance(m, networks.ResnetBlock):
            layer, conv = layer + 1, 0
            for inner in m.conv_block:
                if isinstance(inner, nn.Conv2d):
                    conv += 1
                    names[inner] = f"{layer:03d}-block/conv{conv}"
                elif isinstance(inner, nn.BatchNorm2d):
                    names[inner] = f"{layer:03d}-block/bn{conv}"
        elif isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
            layer += 1
            names[m] = f"{layer:03d}-conv" + ("t" if isinstance(m, nn.ConvTranspose2d) else "")
        elif isinstance(m, nn.BatchNorm2d):
            names[m] = f"{layer:03d}-bn"
    return names


def levels(block, level=0):
    """gogan's names of the layers of a U-Net."""
    names, side = {}, "down"
    for m in block.model:
        if isinstance(m, networks.UnetSkipConnectionBlock):
            names |= levels(m, level + 1)
        elif isinstance(m, nn.Conv2d):
            names[m] = f"{level:03d}-level/down"
        elif isinstance(m, nn.ConvTranspose2d):
            side = "up"
            names[m] = f"{level:03d}-level/up"
        elif isinstance(m, nn.BatchNorm2d):
            names[m] = f"{level:03d}-level/{side}bn"
    return names


def parameters(net):
    """The parameters of a network with gogan's names, sorted by them, and whether a weight is one of a norm's."""
    if isinstance(net, networks.UnetGenerator):
        names = levels(net.model)
    else:
        names = chain(net.net if isinstance(net, networks.PixelDiscriminator) else net.model)
    out = {}
    for module, name in names.items():
        for part, p in module.named_parameters():
            out[f"{name}/{part}"] = (p, isinstance(module, nn.BatchNorm2d) and part == "weight")
    assert len(out) == len(list(net.parameters())), "a parameter has no name"
    return dict(sorted(out.items()))


def axes(name):
    """The axes of PyTorch's layout in the order of gogan's."""
    return (2, 3, 0, 1) if name.endswith(("convt/weight", "up/weight")) else (2, 3, 1, 0)


def to_ours(name, v):
    v = np.asarray(v.detach())
    return v.transpose(axes(name)) if v.ndim == 4 else v


def fill(net, salt):
    for i, (name, (p, scale)) in enumerate(parameters(net).items()):
        ours = to_ours(name, p)
        v = 0.2 * formula(salt + i, *ours.shape).astype(np.float32) + np.float32(scale)
        v = v.astype(np.float64)
        p.data = torch.tensor(v.transpose(np.argsort(axes(name))).copy() if v.ndim == 4 else v)
    return net


def images(salt, *shape):
    """Pictures [batch, height, width, channels], as PyTorch has them."""
    return torch.tensor(formula(salt, *shape).transpose(0, 3, 1, 2).copy())


def forward():
    out = {}
    for name, (height, width, batch, make) in NETWORKS.items():
        net = fill(make().double(), 1)
        channels = next(net.parameters()).shape[1]
        y = net(images(100, batch, height, width, channels)).detach().numpy().transpose(0, 2, 3, 1)
        out[name] = y.reshape(-1)[::STRIDE]
        out[name + ".shape"] = np.array(y.shape, dtype=np.float64)
        out[name + ".params"] = np.array(sum(p.numel() for p in net.parameters()), dtype=np.float64)
    return out


def main():
    torch.manual_seed(0)
    for file, arrays in {"networks.npz": forward()}.items():
        arrays = {k: np.asarray(v, dtype=np.float32) for k, v in arrays.items()}
        if "--check" not in sys.argv:
            np.savez_compressed(HERE / file, **arrays)
            print(file, (HERE / file).stat().st_size, "bytes")
            continue
        stored = np.load(HERE / file)
        assert sorted(stored) == sorted(arrays), "other names"
        for k, v in arrays.items():
            np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-6, err_msg=k)


if __name__ == "__main__":
    main()
