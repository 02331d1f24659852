"""Reference values for SNGAN's residual networks and one step of each player under the hinge loss, in float64.

Writes sngan.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0, numpy 2.4 and the classes of torch-mimicry 0.1.16, whose source is looked for in
$GOGAN_PEERS_SRC/torch_mimicry-0.1.16 (default: below peers-src in the user's cache directory of gogan).

Those classes differ from the authors' Chainer code (pfnet-research/sngan_projection) in four points, which `original`
puts right: they upsample bilinearly, not by repeating pixels; epsilon of batch norm is 1e-5, not 2e-5; the ReLU that opens
a block of D acts in place and so on the shortcut, too; at 32 px the last layer of D has a bias.

Networks of width 3 with latents of 6, batch 4. Cases: "u32" without classes, "c32" with 3, and of "u48" and "u64" the
forward passes. Weights, vectors of the power iteration, latents and reals are formula(salt) as in internal/golden, the
salt being the place in the sorted list of a network's variables, from 1 for G and from SALT_D, chosen so that outputs of D
lie on both sides of the hinges, for D. Arrays are laid out as gogan's:
    CASE.img, CASE.img_eval      G(z) while training, then with the running averages that this left; each 127th value
    CASE.y, CASE.y_eval          D(x) while training, and after the step of D in evaluation mode, where Chainer's code
                                 does a step of the power iteration, too
    CASE.loss_d, CASE.d.NAME     D's loss and its gradients (vectors "u" and averages: their values after the step)
    CASE.loss_g, CASE.g.NAME     the same of G
"""

import os
import pathlib
import re
import sys
import types

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from make_dcgan import formula

HERE = pathlib.Path(__file__).parent
WIDTH, LATENT, BATCH, CLASSES, STRIDE = 3, 6, 4, 3, 127
SALT_D = {0: 904, CLASSES: 238}
LABELS, Z_LABELS = [2, 0, 1, 2], [1, 2, 0, 1]


def sources():
    """The folder of the originals' sources."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    return pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", cache / "gogan" / "peers-src"))


def mimicry():
    """torch_mimicry.nets, without the parts of the package that need more than PyTorch."""
    package = types.ModuleType("torch_mimicry")
    package.__path__ = [str(sources() / "torch_mimicry-0.1.16" / "torch_mimicry")]
    sys.modules.setdefault("torch_mimicry", package)
    import torch_mimicry.nets

    return torch_mimicry.nets


def networks(size, classes, ngf, ndf, latent):
    """G and D of mimicry; its ngf and ndf."""
    nets = mimicry()
    if classes:
        return (nets.cgan_pd.CGANPDGenerator32(classes, nz=latent, ngf=ngf), nets.cgan_pd.CGANPDDiscriminator32(classes, ndf=ndf))
    return (getattr(nets.sngan, f"SNGANGenerator{size}")(nz=latent, ngf=ngf),
            getattr(nets.sngan, f"SNGANDiscriminator{size}")(ndf=ndf))


def original(net, size):
    """Turns a network of mimicry into that of the authors."""
    for m in net.modules():
        if isinstance(m, nn.ReLU):
            m.inplace = False
        if isinstance(m, nn.BatchNorm2d):
            m.eps = 2e-5
        if hasattr(m, "_upsample_conv"):
            m._upsample_conv = lambda x, conv: conv(F.interpolate(x, scale_factor=2, mode="nearest"))
    if size == 32 and hasattr(net, "l5"):
        net.l5.bias = None
    return net.double()


def ours(net):
    """{gogan's name: (tensor of the network, function to gogan's layout, its inverse)} of all parameters, vectors of the
    power iteration and running averages."""
    out = {}
    is_d = hasattr(net, "block1")
    blocks = sum(re.fullmatch(r"block\d", n) is not None for n, _ in net.named_children())
    layers = {"b1": "bn1", "b2": "bn2", "c1": "conv1", "c2": "conv2", "c_sc": "shortcut"}
    for key, v in [*net.named_parameters(), *net.named_buffers()]:
        top, *rest = key.split(".")
        leaf = rest[-1]
        if leaf in ("num_batches_tracked", "sn_sigma", "weight_v"):
            continue
        leaf = {"weight_orig": "weight", "weight_u": "u"}.get(leaf, leaf)
        if m := re.fullmatch(r"block(\d)", top):
            name = f"{int(m[1]) - 1:03d}-block/{layers[rest[0]]}"
        elif top == "l_y":
            name = f"{blocks + 1:03d}-embedding"
        elif top == "l1":
            name = "000-dense"
        elif top[0] == "l":
            name = f"{blocks:03d}-dense"
        else:
            name = f"{blocks + 1:03d}-bn" if top[0] == "b" else f"{blocks + 2:03d}-conv"
        if "embed" in rest:  # scales, then shifts
            half = v.shape[1] // 2
            for part, rows in (("weight", slice(0, half)), ("bias", slice(half, None))):
                out[f"{name}/{part}"] = v, lambda a, r=rows: a[:, r], lambda a, r=rows: (slice(None), r, a)
            continue
        to, back = lambda a: a, lambda a: a
        if leaf == "sn_u":
            leaf, to, back = "u", lambda a: a[0], lambda a: a[None]
        elif v.ndim == 4:
            to, back = lambda a: a.transpose(2, 3, 1, 0), lambda a: a.transpose(3, 2, 0, 1)
        elif key.startswith("l1."):  # 4x4 or 6x6 maps: channels last here, first there
            side = net.bottom_width
            c = v.shape[0] // side**2
            to = lambda a: np.moveaxis(a.reshape(c, side, side, *a.shape[1:]), 0, 2).reshape(a.shape).T
            back = lambda a: np.moveaxis(a.T.reshape(side, side, c, *a.shape[:-1]), 2, 0).reshape(a.T.shape)
        elif v.ndim == 2 and is_d and top != "l_y":
            to = back = lambda a: a.T
        out[f"{name}/{leaf}"] = v, to, back
    return dict(sorted(out.items()))


def fill(net, salt):
    """Weights by formula in gogan's layout: 0.2·u, scales of norms 1 + 0.2·u, vectors u."""
    for name, (v, to, back) in ours(net).items():
        if "running" in name:
            continue
        u = formula(salt, *to(v.detach().numpy()).shape).astype(np.float32)
        if not name.endswith("/u"):
            u = np.float32(0.2) * u
        if re.search(r"bn\d?/weight", name):
            u = u + np.float32(1)
        a = back(u.astype(np.float64))
        with torch.no_grad():
            if isinstance(a, tuple):
                v[a[:2]] = torch.tensor(a[2])
            else:
                v.copy_(torch.tensor(np.ascontiguousarray(a)))
        salt += 1


def gradients(net, loss):
    """Gradients of the parameters, and the values of what moved by itself."""
    loss.backward()
    return {name: to((v.grad if v.grad is not None else v).detach().numpy().copy()) for name, (v, to, _) in ours(net).items()}


def case(size, classes):
    # mimicry's ngf and ndf count the widest maps at 48 and 64 px
    ngf, ndf = {32: (WIDTH, WIDTH), 48: (8 * WIDTH, 16 * WIDTH), 64: (16 * WIDTH, 16 * WIDTH)}[size]
    z = torch.tensor(formula(100, BATCH, LATENT))
    x = torch.tensor(formula(101, BATCH, size, size, 3).transpose(0, 3, 1, 2).copy())
    labels, z_labels = ([torch.tensor(LABELS)], [torch.tensor(Z_LABELS)]) if classes else ([], [])

    def fresh():
        g, d = (original(net, size) for net in networks(size, classes, ngf, ndf, LATENT))
        fill(g, 1)
        fill(d, SALT_D[classes])
        return g, d

    def sample(img):
        return img.detach().numpy().transpose(0, 2, 3, 1).reshape(-1)[::STRIDE]

    g, d = fresh()
    img = g(z, *z_labels)
    real = d(x, *labels)
    out = {"img": sample(img), "y": real.detach().numpy(), "img_eval": sample(g.eval()(z, *z_labels))}
    if size != 32:
        return out
    loss = d.compute_gan_loss(output_real=real, output_fake=d(img.detach(), *z_labels))
    out |= {"loss_d": loss.detach().numpy()} | {"d." + k: v for k, v in gradients(d, loss).items()}
    out["y_eval"] = d(x, *labels).detach().numpy()  # spectral norm is all that training changes in D
    g, d = fresh()
    loss = g.compute_gan_loss(d(g(z, *z_labels), *z_labels))
    return out | {"loss_g": loss.detach().numpy()} | {"g." + k: v for k, v in gradients(g, loss).items()}


def main():
    arrays = {}
    for name, size, classes in (("u32", 32, 0), ("c32", 32, CLASSES), ("u48", 48, 0), ("u64", 64, 0)):
        arrays |= {f"{name}.{k}": np.asarray(v, dtype=np.float32) for k, v in case(size, classes).items()}
    path = HERE / "sngan.npz"
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
