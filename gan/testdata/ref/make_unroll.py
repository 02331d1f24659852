"""Reference gradients of G through unrolled updates of D, from PyTorch in float64.

Writes unroll.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

G: z [5, 3] -> 6 tanh -> x [5, 2]; D: x -> 8 tanh -> logit. Weights, latents, reals and the moments of D's optimizer come
from formula(salt) as in internal/golden. D's updates are torch.optim with differentiable=True on its logistic loss, of
which create_graph=True keeps the graph; G's loss is the negative of that loss after k of them. "CASE.K.NAME" is the
gradient of G, CASE being adam, sgd (momentum 0.9) or stop (adam, fakes detached while D moves: no gradient through its
updates); "CASE.K.loss" is G's loss.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
from make_dcgan import formula  # noqa: E402

HERE = pathlib.Path(__file__).parent
SHAPES = {"generator": {"0/weight": (3, 6), "0/bias": (6,), "1/weight": (6, 2), "1/bias": (2,)},
          "discriminator": {"0/weight": (2, 8), "0/bias": (8,), "1/weight": (8, 1), "1/bias": (1,)}}
LR, UPDATES = 0.05, 5  # of D, and how many it has made before


def tensor(salt, *shape):
    return torch.tensor(formula(salt, *shape).astype(np.float32).astype(np.float64))


def net(p, x):
    return torch.tanh(x @ p["0/weight"] + p["0/bias"]) @ p["1/weight"] + p["1/bias"]


def update(case, p, grads, state, t):
    """One step of torch.optim on copies, differentiable in p, grads and state."""
    names = list(p)
    new = {n: p[n].clone() for n in names}
    if case == "sgd":
        opt = torch.optim.SGD(list(new.values()), lr=LR, momentum=0.9, differentiable=True)
        for n in names:
            opt.state[new[n]] = {"momentum_buffer": state[n][0].clone()}
    else:
        opt = torch.optim.Adam(list(new.values()), lr=LR, betas=(0.5, 0.999), eps=1e-8, differentiable=True)
        for n in names:
            opt.state[new[n]] = {"step": torch.tensor(float(t)), "exp_avg": state[n][0].clone(), "exp_avg_sq": state[n][1].clone()}
    for n, g in zip(names, grads):
        new[n].grad = g
    opt.step()
    keys = ("momentum_buffer",) if case == "sgd" else ("exp_avg", "exp_avg_sq")
    return new, {n: [opt.state[new[n]][k] for k in keys] for n in names}


def case(kind, k):
    players, salt = {}, 1
    for player, shapes in SHAPES.items():
        players[player] = {}
        for name, shape in shapes.items():
            players[player][name] = tensor(salt, *shape).requires_grad_(True)
            salt += 1
    g, d = players["generator"], players["discriminator"]
    state = {n: [0.1 * tensor(40 + i, *v.shape), 0.01 + 0.01 * tensor(50 + i, *v.shape).square()]
             for i, (n, v) in enumerate(d.items())}
    fakes, reals = net(g, tensor(20, 5, 3)), tensor(21, 5, 2)
    loss = lambda p, x: F.softplus(-net(p, reals)).mean() + F.softplus(net(p, x)).mean()
    for i in range(k):
        grads = torch.autograd.grad(loss(d, fakes.detach() if kind == "stop" else fakes), list(d.values()), create_graph=True)
        d, state = update(kind, d, grads, state, UPDATES + i)
    loss_g = -loss(d, fakes)
    out = {"loss": loss_g.detach().numpy()}
    out |= {n: v.numpy() for n, v in zip(g, torch.autograd.grad(loss_g, list(g.values())))}
    return {f"{kind}.{k}.{n}": v for n, v in out.items()}


def main():
    arrays = {}
    for kind in ("adam", "sgd", "stop"):
        for k in (0, 1, 5):
            arrays |= case(kind, k)
    path = HERE / "unroll.npz"
    if "--check" not in sys.argv:
        np.savez_compressed(path, **arrays)
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "unroll.npz: other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-9, err_msg=f"unroll.npz: {k}")


if __name__ == "__main__":
    main()
