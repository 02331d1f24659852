"""What the peers' programs have in common: arguments in, steps on request, times and losses out.

    SCRIPT SETTING VARIANT INPUTS.safetensors

INPUTS holds the weights of both networks by gogan's names (kernels [kh, kw, in, out]), `reals`
[batches, batch, h, w, c], `latents` [batches, 2, batch, dim], for D's step, then for G's, and `alphas`
[batches, batch], which mix reals and fakes for a gradient penalty. After a first line with
its version, a program reads the number of steps to run, one request a line, and answers with one line of JSON.
"""

import json
import os
import sys
import time

import numpy as np
from safetensors.numpy import load_file


def arguments():
    """Returns the setting, the variant of the step, and the inputs."""
    return sys.argv[1], sys.argv[2], load_file(sys.argv[3])


def threads():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def serve(version, step, inputs):
    """Runs step(reals, z_d, z_g, alpha) -> (loss_d, loss_g), NumPy arrays in, as often as asked."""
    print(json.dumps({"version": version}), flush=True)
    reals, latents, alphas = inputs["reals"], inputs["latents"], inputs["alphas"]
    done = 0
    for line in sys.stdin:
        losses = []
        start = time.perf_counter()
        for _ in range(int(line)):
            i = done % len(reals)
            d, g = step(reals[i], latents[i, 0], latents[i, 1], alphas[i])
            losses.append([float(d), float(g)])
            done += 1
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)


def kernels(inputs, player):
    """The kernels [kh, kw, in, out] of a player in the order of its layers, and its scales and shifts of batch norm."""
    names = sorted(k for k in inputs if k.startswith(player + "/") and k.endswith("weight"))
    convs = [inputs[k] for k in names if inputs[k].ndim == 4]
    norms = [(inputs[k], inputs[k.removesuffix("weight") + "bias"]) for k in names if inputs[k].ndim == 1]
    assert len(convs) == 5, names
    return [np.ascontiguousarray(c) for c in convs], norms
