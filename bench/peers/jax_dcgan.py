"""DCGAN's step in JAX: lax convolutions, NHWC, one jitted function for each player."""

import jax
import jax.numpy as jnp
from jax import lax

from serve import arguments, kernels, serve, threads

DIMS = ("NHWC", "HWIO", "NHWC")


def normalize(x, scale, shift, epsilon=1e-5):
    mean = x.mean((0, 1, 2))
    var = jnp.square(x - mean).mean((0, 1, 2))
    return (x - mean) * (scale / jnp.sqrt(var + epsilon)) + shift


def generator(p, z):
    x = z[:, None, None, :]
    for i, w in enumerate(p["convs"]):
        stride, pad = (1, 3) if i == 0 else (2, 2)
        x = lax.conv_general_dilated(x, w[::-1, ::-1], (1, 1), ((pad, pad),) * 2, lhs_dilation=(stride,) * 2,
                                     dimension_numbers=DIMS)
        x = jax.nn.relu(normalize(x, *p["norms"][i])) if i < 4 else jnp.tanh(x)
    return x


def discriminator(p, x):
    for i, w in enumerate(p["convs"]):
        stride, pad = (2, 1) if i < 4 else (1, 0)
        x = lax.conv_general_dilated(x, w, (stride,) * 2, ((pad, pad),) * 2, dimension_numbers=DIMS)
        if 0 < i < 4 and p["norms"]:
            x = normalize(x, *p["norms"][i - 1])
        if i < 4:
            x = jax.nn.leaky_relu(x, 0.2)
    return x


def adam(p, grads, m, v, t, lr=2e-4, b1=0.5, b2=0.999, eps=1e-8):
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, grads)
    p = jax.tree.map(lambda p, m, v: p - lr / (1 - b1**t) * m / (jnp.sqrt(v / (1 - b2**t)) + eps), p, m, v)
    return p, m, v, t + 1


def main():
    setting, variant, inputs = arguments()
    gamma = float(variant)  # of R1; 0: no R1, and batch norm in D

    def player(name):
        convs, norms = kernels(inputs, name)
        p = jax.tree.map(jnp.asarray, {"convs": convs, "norms": norms})
        return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.float32(1)

    def loss_d(d, g, x, z):
        fakes = lax.stop_gradient(generator(g, z))
        loss = jax.nn.softplus(-discriminator(d, x)).mean() + jax.nn.softplus(discriminator(d, fakes)).mean()
        if gamma > 0:
            grad = jax.grad(lambda x: discriminator(d, x).sum())(x)
            loss += gamma / 2 * jnp.square(grad).sum((1, 2, 3)).mean()
        return loss

    def loss_g(g, d, z):
        return jax.nn.softplus(-discriminator(d, generator(g, z))).mean()

    @jax.jit
    def step_d(state, g, x, z):
        loss, grads = jax.value_and_grad(loss_d)(state[0], g, x, z)
        return adam(state[0], grads, *state[1:]), loss

    @jax.jit
    def step_g(state, d, z):
        loss, grads = jax.value_and_grad(loss_g)(state[0], d, z)
        return adam(state[0], grads, *state[1:]), loss

    states = {"g": player("generator"), "d": player("discriminator")}

    def step(reals, z_d, z_g, _):
        states["d"], d = step_d(states["d"], states["g"][0], reals, z_d)
        states["g"], g = step_g(states["g"], states["d"][0], z_g)
        return d, g

    serve(f"jax {jax.__version__} {setting}, {threads()} threads", step, inputs)


if __name__ == "__main__":
    main()
