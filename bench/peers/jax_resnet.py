"""The steps of SNGAN and WGAN-GP at 32 px in JAX: lax convolutions, NHWC, one jitted function for each player. Variants:
sngan32, wgan-gp32."""

import jax
import jax.numpy as jnp
from jax import lax

from jax_dcgan import DIMS, adam, normalize
from serve import arguments, serve, threads


def conv(p, x):
    k = p["weight"].shape[0] // 2
    return lax.conv_general_dilated(x, p["weight"], (1, 1), ((k, k), (k, k)), dimension_numbers=DIMS) + p["bias"]


def bn_relu(p, x, epsilon):
    return jax.nn.relu(normalize(x, p["weight"], p["bias"], epsilon))


def double(x):
    return x.repeat(2, 1).repeat(2, 2)


def halve(x):
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).mean((2, 4))


def generator(p, z, epsilon):
    x = (z @ p["000-dense"]["weight"] + p["000-dense"]["bias"]).reshape(len(z), 4, 4, -1)
    for i in (1, 2, 3):
        b = p[f"{i:03d}-block"]
        y = conv(b["conv1"], double(bn_relu(b["bn1"], x, epsilon)))
        x = conv(b["conv2"], bn_relu(b["bn2"], y, epsilon)) + double(conv(b["shortcut"], x))
    return jnp.tanh(conv(p["005-conv"], bn_relu(p["004-bn"], x, epsilon)))


def discriminator(p, x, reduce):
    for i in range(4):
        b = p[f"{i:03d}-block"]
        y = conv(b["conv2"], jax.nn.relu(conv(b["conv1"], x if i == 0 else jax.nn.relu(x))))
        if i < 2:
            x, y = conv(b["shortcut"], halve(x)), halve(y)
        x = x + y
    p = p["004-dense"]
    return reduce(jax.nn.relu(x), (1, 2)) @ p["weight"] + p.get("bias", 0)


def spectral(p):
    """Divides all weights of D by their largest singular values; one power iteration moves each u."""
    if "weight" not in p:
        both = {k: spectral(v) for k, v in p.items()}
        return {k: v[0] for k, v in both.items()}, {k: v[1] for k, v in both.items()}
    matrix, unit = p["weight"].reshape(-1, p["weight"].shape[-1]), lambda x: x / (jnp.linalg.norm(x) + 1e-12)
    fixed = lax.stop_gradient(matrix)
    v = unit(fixed @ p["u"])
    u = unit(v @ fixed)
    return {**p, "weight": p["weight"] / (v @ matrix @ u)}, u


def moved(p, us):
    """Returns p with its u replaced."""
    return {**p, "u": us} if "weight" in p else {k: moved(v, us[k]) for k, v in p.items()}


def main():
    setting, variant, inputs = arguments()
    sngan = variant == "sngan32"
    epsilon, reduce = (2e-5, jnp.sum) if sngan else (1e-5, jnp.mean)

    def player(name):
        p = {}
        for key, value in inputs.items():
            if not key.startswith(name + "/") or "/running_" in key:
                continue
            *path, last = key.removeprefix(name + "/").split("/")
            node = p
            for part in path:
                node = node.setdefault(part, {})
            node[last] = jnp.asarray(value)
        return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.float32(1)

    def judge(d, x):
        if not sngan:
            return discriminator(d, x, reduce), d
        normed, us = spectral(d)
        return discriminator(normed, x, reduce), moved(d, lax.stop_gradient(us))

    def loss_d(d, g, x, z, alpha):
        fakes = lax.stop_gradient(generator(g, z, epsilon))
        real, later = judge(d, x)
        fake, later = judge(later, fakes)
        if sngan:
            return jax.nn.relu(1 - real).mean() + jax.nn.relu(1 + fake).mean(), later
        between = x + alpha[:, None, None, None] * (fakes - x)
        grad = jax.grad(lambda x: judge(d, x)[0].sum())(between)
        penalty = jnp.square(jnp.sqrt(jnp.square(grad).sum((1, 2, 3))) - 1).mean()
        return fake.mean() - real.mean() + 10 * penalty, later

    def loss_g(g, d, z):
        fake, later = judge(d, generator(g, z, epsilon))
        return -fake.mean(), later

    def updated(state, grads):
        return adam(state[0], grads, *state[1:], b1=0.0, b2=0.9)

    def only_u(new, old):
        """The u of old in the parameters new."""
        return {k: only_u(v, old[k]) if isinstance(v, dict) else old[k] if k == "u" else v for k, v in new.items()}

    @jax.jit
    def step_d(state, g, x, z, alpha):
        (loss, later), grads = jax.value_and_grad(loss_d, has_aux=True)(state[0], g, x, z, alpha)
        p, *moments = updated(state, grads)
        return (only_u(p, later), *moments), loss

    @jax.jit
    def step_g(state, d, z):
        (loss, later), grads = jax.value_and_grad(loss_g, has_aux=True)(state[0], d, z)
        return updated(state, grads), only_u(d, later), loss

    states = {"g": player("generator"), "d": player("discriminator")}

    def step(reals, z_d, z_g, alpha):
        states["d"], d = step_d(states["d"], states["g"][0], reals, z_d, alpha)
        states["g"], p, g = step_g(states["g"], states["d"][0], z_g)
        states["d"] = (p, *states["d"][1:])
        return d, g

    serve(f"jax {jax.__version__} {setting}, {threads()} threads", step, inputs)


if __name__ == "__main__":
    main()
