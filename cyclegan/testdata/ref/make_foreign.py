"""Small files as CycleGAN's authors' code saves them, and what its classes return for them in evaluation mode.

Writes foreign/*.pth and foreign.npz beside it. `--check` loads the stored files into the classes again (strictly) and fails if
a weight is not that of the formula or if what they return differs from the stored values.
Made with github.com/junyanz/pytorch-CycleGAN-and-pix2pix at commit 003efc4, torch 2.15.0 and numpy 2.4; where that lies, and
formula, are those of make_cyclegan.py.

Tensor i of a state dict holds 0.2·formula(i), scales and variances of norms 1 + 0.2·formula(i), counters 7. Files: see FILES.
"old" ones are of networks whose instance norms keep averages, as those of PyTorch before 0.4 did; they are loaded through the
function by which the code drops these. "parallel" is saved from torch.nn.DataParallel, "legacy" in the form of PyTorch before
1.6.

x [batch, channels, height, width] is formula(100). "FILE.y" has each 127th value of the output, computed in float64,
"FILE.shape" its dimensions.
"""

import functools
import pathlib
import sys

import numpy as np
import torch
from torch import nn

from make_cyclegan import formula, networks
from models.base_model import BaseModel

HERE = pathlib.Path(__file__).parent
DIRECTORY, STRIDE = HERE / "foreign", 127

INSTANCE, BATCH = networks.get_norm_layer("instance"), networks.get_norm_layer("batch")
OLD = functools.partial(nn.InstanceNorm2d, affine=False, track_running_stats=True)


def resnet(channels, out, ngf, norm, dropout, blocks):
    return lambda: networks.ResnetGenerator(channels, out, ngf, norm, dropout, blocks)


def unet(channels, out, downs, norm, dropout):
    return lambda: networks.UnetGenerator(channels, out, downs, 1, norm, dropout)


# name: (batch, channels, height, width, class with the norm of the file, class with today's norm, how it is saved)
FILES = {
    "latest_net_G": (2, 3, 16, 24, resnet(3, 3, 2, INSTANCE, False, 6), None, ""),
    "latest_net_G_A": (1, 1, 20, 16, resnet(1, 1, 1, INSTANCE, True, 9), None, "parallel"),
    "old_net_G_A": (1, 3, 24, 16, resnet(3, 3, 2, OLD, False, 6), resnet(3, 3, 2, INSTANCE, False, 6), "legacy"),
    "old_net_G_B": (1, 3, 16, 16, resnet(3, 1, 1, OLD, True, 9), resnet(3, 1, 1, INSTANCE, True, 9), ""),
    "batch_net_G_A": (2, 3, 16, 24, resnet(3, 3, 1, BATCH, False, 6), None, ""),
    "batch_net_G_B": (1, 3, 16, 24, resnet(3, 3, 2, BATCH, True, 2), None, ""),
    "unet128_net_G": (1, 3, 128, 256, unet(3, 3, 7, INSTANCE, True), None, ""),
    "unet64_net_G": (1, 1, 64, 128, unet(1, 3, 6, BATCH, True), None, "legacy"),
    "old_unet_net_G": (1, 1, 64, 32, unet(1, 1, 5, OLD, False), unet(1, 1, 5, INSTANCE, False), ""),
    "latest_net_D_A": (2, 3, 40, 64, lambda: networks.NLayerDiscriminator(3, 2, 3, INSTANCE), None, ""),
    "old_net_D_A": (1, 3, 48, 40, lambda: networks.NLayerDiscriminator(3, 2, 3, OLD), lambda: networks.NLayerDiscriminator(3, 2, 3, INSTANCE), ""),
    "batch_net_D_A": (1, 3, 128, 96, lambda: networks.NLayerDiscriminator(3, 1, 5, BATCH), None, ""),
    "one_net_D": (1, 1, 12, 16, lambda: networks.NLayerDiscriminator(1, 3, 1, INSTANCE), None, ""),
    "pixel_net_D": (2, 3, 9, 7, lambda: networks.PixelDiscriminator(3, 4, INSTANCE), None, ""),
    "pixel_batch_net_D": (2, 3, 9, 7, lambda: networks.PixelDiscriminator(3, 4, BATCH), None, ""),
}


class Model(BaseModel):
    """As much of a model as the code's loading of files needs."""

    def set_input(self, input):
        raise NotImplementedError

    forward = optimize_parameters = set_input


def fill(net):
    scales = {f"{name}.weight" for name, m in net.named_modules() if isinstance(m, nn.BatchNorm2d)}
    state = net.state_dict()
    for i, (name, v) in enumerate(state.items()):
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(7)
        else:
            values = 0.2 * formula(i, *v.shape) + (name in scales or name.endswith("running_var"))
            state[name] = torch.tensor(values.astype(np.float32))
    net.load_state_dict(state)
    return net


def save(path, net, how):
    state = (nn.DataParallel(net) if how == "parallel" else net).state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=how != "legacy")


def load(path, make, today):
    state = torch.load(path, weights_only=True)
    state = {k.removeprefix("module."): v for k, v in state.items()}
    for name, v in fill(make()).state_dict().items():
        assert torch.equal(state[name], v), f"{path.name}: {name} has other values"
    net = (today or make)()
    model = Model.__new__(Model)
    for key in list(state):
        model._BaseModel__patch_instance_norm_state_dict(state, net, key.split("."))
    net.load_state_dict(state)
    return net.double().eval()


def main():
    check = "--check" in sys.argv
    DIRECTORY.mkdir(exist_ok=True)
    arrays = {}
    for name, (batch, channels, height, width, make, today, how) in FILES.items():
        path = DIRECTORY / f"{name}.pth"
        if not check:
            save(path, fill(make()), how)
        with torch.no_grad():
            y = load(path, make, today)(torch.tensor(formula(100, batch, channels, height, width))).numpy()
        arrays[name + ".y"] = y.reshape(-1)[::STRIDE]
        arrays[name + ".shape"] = np.array(y.shape)
    arrays = {k: v.astype(np.float32) for k, v in arrays.items()}
    path = HERE / "foreign.npz"
    if not check:
        np.savez_compressed(path, **arrays)
        for p in [path, *sorted(DIRECTORY.iterdir())]:
            print(p.name, p.stat().st_size, "bytes")
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-6, err_msg=k)


if __name__ == "__main__":
    main()
