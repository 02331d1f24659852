"""Reference losses and gradients of the networks for points, from PyTorch in float64.

Writes networks.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

4 units in a layer of G, 3 in one of D, batch 5. A weight is 0.5·formula(salt) as in internal/golden, the scale of a batch
norm 1 + that, where salt counts the trained variables by sorted name from 1; latents are formula(100), reals formula(101).
"CASE.NAME" is the gradient of a variable, "CASE.loss_d" and "CASE.loss_g" are the losses. Case pacgan: two points a row,
both gradients at one state, D's with the fakes detached. Cases wgan-gp (without penalty) and unrolled-demo: one point.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[2] / "testdata" / "ref"))
from make_dcgan import formula  # noqa: E402

UNITS, CRITIC, BATCH, PIECES = 4, 3, 5, 5


def dense_shapes(player, sizes):
    out = {}
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        out |= {f"{player}/{i:03d}-dense/weight": (a, b), f"{player}/{i:03d}-dense/bias": (b,)}
    return out


def pacgan_shapes(pack):
    out, size = {}, 2
    for i in range(4):
        out[f"generator/{2 * i:03d}-dense/weight"] = (size, UNITS)
        out |= {f"generator/{2 * i + 1:03d}-bn/{n}": (UNITS,) for n in ("weight", "bias")}
        size = UNITS
    out |= {"generator/008-dense/weight": (UNITS, 2), "generator/008-dense/bias": (2,)}
    size = 2 * pack
    for i in range(3):
        out |= {f"discriminator/{i:03d}-maxout/weight": (size, CRITIC * PIECES), f"discriminator/{i:03d}-maxout/bias": (CRITIC * PIECES,)}
        size = CRITIC
    return out | {"discriminator/003-dense/weight": (CRITIC, 1), "discriminator/003-dense/bias": (1,)}


def fill(shapes):
    p = {}
    for salt, name in enumerate(sorted(shapes), 1):
        v = (np.float32(0.5) * formula(salt, *shapes[name]).astype(np.float32)).astype(np.float64)
        p[name] = torch.tensor(v + name.endswith("bn/weight")).requires_grad_(True)
    return p


def layer(p, name, x):
    y = x @ p[name + "/weight"]
    return y + p[name + "/bias"] if name + "/bias" in p else y


def pac_generator(p, z):
    for i in range(4):
        z = layer(p, f"generator/{2 * i:03d}-dense", z)
        bn = f"generator/{2 * i + 1:03d}-bn"
        z = F.relu(F.batch_norm(z, None, None, p[bn + "/weight"], p[bn + "/bias"], training=True, eps=1e-4))
    return layer(p, "generator/008-dense", z)


def pac_discriminator(p, x):
    for i in range(3):
        x = layer(p, f"discriminator/{i:03d}-maxout", x).reshape(-1, CRITIC, PIECES).amax(-1)
    return layer(p, "discriminator/003-dense", x)


def mlp(p, player, x, layers, activation):
    for i in range(layers):
        x = activation(layer(p, f"{player}/{i:03d}-dense", x))
    return layer(p, f"{player}/{layers:03d}-dense", x)


def logistic(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def case(name):
    pack = 2 if name == "pacgan" else 1
    dim = 3 if name == "unrolled-demo" else 2
    z = torch.tensor(formula(100, BATCH * pack, dim))
    x = torch.tensor(formula(101, BATCH, 2 * pack))
    if name == "pacgan":
        p = fill(pacgan_shapes(pack))
        fake = torch.cat([pac_generator(p, z[i * BATCH:(i + 1) * BATCH]) for i in range(pack)], 1)
        judge = lambda v: pac_discriminator(p, v)
        lossd, lossg = logistic(judge(x), judge(fake.detach())), F.softplus(-judge(fake)).mean()
    else:
        layers, activation = (3, F.relu) if name == "wgan-gp" else (2, torch.tanh)
        p = fill(dense_shapes("generator", [dim] + [UNITS] * layers + [2]) | dense_shapes("discriminator", [2] + [CRITIC] * layers + [1]))
        fake = mlp(p, "generator", z, layers, activation)
        judge = lambda v: mlp(p, "discriminator", v, layers, activation)
        if name == "wgan-gp":
            lossd, lossg = judge(fake.detach()).mean() - judge(x).mean(), -judge(fake).mean()
        else:
            lossd, lossg = logistic(judge(x), judge(fake.detach())), -logistic(judge(x), judge(fake))
    out = {"loss_d": lossd.detach().numpy(), "loss_g": lossg.detach().numpy()}
    for loss, player in ((lossd, "discriminator"), (lossg, "generator")):
        names = [n for n in p if n.startswith(player)]
        grads = torch.autograd.grad(loss, [p[n] for n in names], retain_graph=True)
        out |= {n: g.numpy() for n, g in zip(names, grads)}
    return {f"{name}.{k}": np.asarray(v) for k, v in out.items()}


def main():
    arrays = case("pacgan") | case("wgan-gp") | case("unrolled-demo")
    path = HERE / "networks.npz"
    if "--check" not in sys.argv:
        np.savez_compressed(path, **arrays)
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "networks.npz: other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-9, atol=1e-15, err_msg=f"networks.npz: {k}")


if __name__ == "__main__":
    main()
