"""Reference values for the networks and one training step of CycleGAN, from the authors' classes run as they are.

Writes networks.npz and step.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with github.com/junyanz/pytorch-CycleGAN-and-pix2pix at commit 003efc4, torch 2.15.0 and numpy 2.4, in float64. The
directory of that repository is $GOGAN_PEERS_SRC/cyclegan, by default in the user's cache directory.

Weights and pictures are formula(salt) as in internal/golden. Variables have gogan's names and layout (channels last, kernels
[kh, kw, in, out]); sorted by name, the salt of a variable of a network is its place plus a number: convolutions and biases are
0.2·u, scales of norms 1 + 0.2·u, shifts 0.2·u.

networks.npz: for each network of NETWORKS, with weights from salt 1 on and x = formula(100), the output while training,
every STRIDEth value of it.

step.npz: losses, as the original names them, and gradients of one step of its CycleGANModel for each of STEPS: generators F
and G from salts 1000 and 2000 on, discriminators DX and DY from 3000 and 4000 on, or that of the case higher, x = formula(100), y = formula(101), pools filled
with formula(102) and formula(103). The gradients of a
network follow each other, sorted by name; of those of more than GRADIENT_STRIDE values every GRADIENT_STRIDEth is there.
Cases with batch norm have no gradients: they cancel too much for float32 to follow to 1e-4.
"pool.shown" are the numbers of the pictures that a pool shows.
"""

import os
import pathlib
import sys
from argparse import Namespace

import numpy as np
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
sys.path.insert(0, str(pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", CACHE / "gogan/peers-src")) / "cyclegan"))

from models import networks  # noqa: E402
from models.cycle_gan_model import CycleGANModel  # noqa: E402
from util import image_pool  # noqa: E402

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

# The step: pictures [batch, height, width, channels], and for each domain the coins and picks of its pool.
BATCH, GRADIENT_STRIDE = (2, 16, 20, 3), 7
CHOICES = {"X": ((0.9, 0.2), (0.3, 0.9)), "Y": ((0.1, 0.8), (0.2, 0.7))}
# name: (gan_mode, norm, lambda_identity, pool_size, number added to the salts of the weights)
STEPS = {
    "lsgan": ("lsgan", "instance", 0.5, 2, 0),
    "vanilla": ("vanilla", "instance", 0.0, 0, 200),
    "batch": ("lsgan", "batch", 0.5, 0, 300),
    "wgan-gp": ("wgangp", "instance", 0.25, 0, 200),
}
POOL, POOL_BATCH, POOL_PICTURES = 5, 3, 60


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


class Drawn:
    """Stands for the module random in the pools of the original: given coins, and places u·size for given u."""

    def __init__(self, coins, picks, skip=0):
        self.coins, self.picks, self.i = coins, picks, skip - 1

    def uniform(self, low, high):
        self.i += 1
        return self.coins[self.i]

    def randint(self, low, high):
        return min(int(self.picks[self.i] * (high + 1)), high)


def pool_history():
    """The numbers of the pictures that a pool of POOL shows when it is given 0, 1, 2 ... in batches of POOL_BATCH."""
    coins, picks = ((formula(salt, POOL_PICTURES) + 1) / 2 for salt in (110, 111))
    image_pool.random = Drawn(coins, picks, skip=POOL)
    pool, shown = image_pool.ImagePool(POOL), []
    for first in range(0, POOL_PICTURES, POOL_BATCH):
        numbers = torch.arange(first, first + POOL_BATCH, dtype=torch.float64)
        shown.append(pool.query(numbers.reshape(-1, 1, 1, 1)).reshape(-1))
    return {"pool.shown": torch.cat(shown), "pool.left": torch.cat(pool.images).reshape(-1)}


def step(mode, norm, identity, pool_size, salt):
    """Losses and gradients of the original's optimize_parameters."""
    opt = Namespace(
        gpu_ids=[], isTrain=True, checkpoints_dir="", name="", preprocess="none", direction="AtoB", input_nc=3, output_nc=3,
        ngf=2, ndf=2, netG="resnet_6blocks", netD="n_layers", n_layers_D=2, norm=norm, no_dropout=True, init_type="normal",
        init_gain=0.02, lambda_A=10.0, lambda_B=5.0, lambda_identity=identity, pool_size=pool_size, gan_mode=mode, lr=2e-4, beta1=0.5)
    model = CycleGANModel(opt)
    nets = {"generator/F": model.netG_B, "generator/G": model.netG_A, "discriminator/DX": model.netD_B, "discriminator/DY": model.netD_A}
    for i, net in enumerate(nets.values()):
        fill(net.double(), 1000 * (i + 1) + salt)
    model.criterionGAN.double()
    pools = {"X": (model.fake_A_pool, 102), "Y": (model.fake_B_pool, 103)}
    for domain, (pool, contents) in pools.items():
        if pool_size > 0:
            pool.images, pool.num_imgs = list(images(contents, *BATCH).split(1)), pool_size
        pool.query = drawing(pool.query, domain)
    model.set_input({"A": images(100, *BATCH), "B": images(101, *BATCH), "A_paths": ""})
    model.optimize_parameters()
    out = {name: value for name, value in model.get_current_losses().items()}
    for name, net in nets.items() if norm == "instance" else ():
        gradients = [to_ours(part, p.grad).reshape(-1) for part, (p, _) in parameters(net).items()]
        out[name] = np.concatenate([g[:: GRADIENT_STRIDE if len(g) > GRADIENT_STRIDE else 1] for g in gradients])
    return out


def drawing(query, domain):
    """A query of a pool with the choices of CHOICES."""
    def chosen(pictures):
        image_pool.random = Drawn(*CHOICES[domain])
        return query(pictures)
    return chosen


def steps():
    out = pool_history()
    for name, options in STEPS.items():
        out |= {f"{name}.{k}": v for k, v in step(*options).items()}
    return out


def main():
    torch.manual_seed(0)
    for file, arrays in {"networks.npz": forward(), "step.npz": steps()}.items():
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
