"""Small checkpoints of other programs, written by their own classes, and what those return for them in evaluation mode.

Writes foreign/*.pth and foreign.npz beside it. `--check` loads the stored checkpoints into the classes again (strictly) and
fails if what they return differs from the stored values.
Made with torch 2.15.0, numpy 2.4, and from $GOGAN_PEERS_SRC (default: below peers-src in the user's cache directory of gogan):
    pytorch-examples/dcgan/main.py      pytorch/examples, commit cc8e404; its two classes
    torch_mimicry-0.1.16                the source of torch-mimicry 0.1.16

Files: netG_epoch_0.pth and netD_epoch_0.pth of the DCGAN example (grey, nz 5, ngf = ndf = 2), the latter in the form of
PyTorch before 1.6 and as torch.nn.DataParallel saves it; netG_N.pth and netD_N.pth of mimicry for 32, 48 and 64 px and
"cond", the conditional ones for 32 px with 3 classes. netG_32.pth is a checkpoint of mimicry's save_checkpoint, with the state
of an optimizer. Weights are the classes' own at a fixed seed; a few passes while training have moved averages and vectors of
the power iteration.

Arrays "FILE.z", "FILE.c" (one-hot), "FILE.x" go in; x is formula(1) as in internal/golden, of which one number a row is
stored. "FILE.img" has each 127th value, "FILE.y" all.
"""

import ast
import pathlib
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.parallel

import make_sngan
from make_dcgan import formula

HERE = pathlib.Path(__file__).parent
FILES, ROWS, STRIDE = HERE / "foreign", 18, 127
NZ, NGF, NC = 5, 2, 1


def dcgan():
    """The two classes of the example, without its training."""
    path = make_sngan.sources() / "pytorch-examples" / "dcgan" / "main.py"
    tree = ast.parse(path.read_text())
    tree.body = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    names = {"nn": nn, "torch": torch, "nz": NZ, "ngf": NGF, "ndf": NGF, "nc": NC}
    exec(compile(tree, str(path), "exec"), names)
    return names["Generator"](1), names["Discriminator"](1)


def networks():
    """{file: (network, size, classes)}; generators have netG in their names."""
    g, d = dcgan()
    out = {"netG_epoch_0": (g, 64, 0), "netD_epoch_0": (d, 64, 0)}
    for size, ngf, ndf in ((32, 3, 2), (48, 8, 16), (64, 16, 16)):
        g, d = make_sngan.networks(size, 0, ngf, ndf, NZ)
        out |= {f"netG_{size}": (g, size, 0), f"netD_{size}": (d, size, 0)}
    g, d = make_sngan.networks(32, 3, 3, 2, NZ)
    return out | {"netG_cond": (g, 32, 3), "netD_cond": (d, 32, 3)}


def inputs(file, net, size, classes):
    """What goes in, by gogan's names, and the arguments of the network."""
    labels = [torch.arange(ROWS) % classes] if classes else []
    c = {"c": np.eye(classes, dtype=np.float32)[labels[0]]} if classes else {}
    if "netG" in file:
        z = formula(2, ROWS, NZ).astype(np.float32)
        first = torch.tensor(z)[:, :, None, None] if "epoch" in file else torch.tensor(z)
        return {"z": z} | c, [first, *labels]
    channels = NC if "epoch" in file else 3
    x = formula(1, ROWS, channels, size, size).astype(np.float32)
    return {"x": x} | c, [torch.tensor(x), *labels]


def save(file, net):
    """In the ways in which such files were made."""
    state = net.state_dict()
    if file == "netD_epoch_0":
        state = nn.DataParallel(net).state_dict()
        torch.save(state, FILES / f"{file}.pth", _use_new_zipfile_serialization=False)
    elif file == "netG_32":
        optimizer = torch.optim.Adam(net.parameters(), 2e-4, betas=(0.0, 0.9))
        net(torch.zeros(2, NZ)).sum().backward()
        optimizer.step()
        net.save_checkpoint(str(FILES), 7, optimizer, f"{file}.pth")
    else:
        torch.save(state, FILES / f"{file}.pth")


def load(file, net):
    state = torch.load(FILES / f"{file}.pth", weights_only=True)
    state = state.get("model_state_dict", state)
    net.load_state_dict({k.removeprefix("module."): v for k, v in state.items()})


def main():
    torch.manual_seed(1)
    check = "--check" in sys.argv
    FILES.mkdir(exist_ok=True)
    arrays = {}
    for file, (net, size, classes) in networks().items():
        named, args = inputs(file, net, size, classes)
        if not check:
            for _ in range(3):
                net.train()(*args)
            save(file, net)
        load(file, net)
        with torch.no_grad():
            out = net.eval()(*args).numpy()
        arrays |= {f"{file}.{k}": v.reshape(ROWS, -1)[:, :1] if k == "x" else v for k, v in named.items()}
        arrays[f"{file}.img" if "netG" in file else f"{file}.y"] = out.reshape(-1)[::STRIDE] if "netG" in file else out
    path = HERE / "foreign.npz"
    if not check:
        np.savez_compressed(path, **arrays)
        for p in [path, *sorted(FILES.iterdir())]:
            print(p.name, p.stat().st_size, "bytes")
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-6, err_msg=k)


if __name__ == "__main__":
    main()
