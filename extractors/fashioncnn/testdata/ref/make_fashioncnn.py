"""Features and logits of the network of extractors/fashioncnn with its embedded weights, from PyTorch in float64.

Writes fashioncnn.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with torch 2.15.0 and numpy 2.4.

x is formula(1) as in internal/golden, [3, 28, 28], in steps of 2/255 as pictures have them: x = round((f+1)*127.5)/127.5 - 1.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
STRIDES = (1, 2, 1, 2)


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def read_weights(path):
    """A safetensors file: 8 bytes with the length of a JSON header, the header, the values."""
    data = path.read_bytes()
    n = int.from_bytes(data[:8], "little")
    out = {}
    for name, entry in json.loads(data[8:8 + n]).items():
        if name != "__metadata__":
            assert entry["dtype"] == "F32", name
            begin, end = (8 + n + at for at in entry["data_offsets"])
            flat = np.frombuffer(data[begin:end], "<f4").astype(np.float64).reshape(entry["shape"])
            out[name] = torch.from_numpy(flat)
    return out


def network(x, w):
    def batch_norm(x, at):
        v = [w[f"classifier/{at:03d}-bn/{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
        return F.relu(F.batch_norm(x, *v, training=False, eps=1e-5))

    x = x[:, None]
    for i, stride in enumerate(STRIDES):
        kernel = w[f"classifier/{2 * i:03d}-conv/weight"].permute(3, 2, 0, 1)
        x = batch_norm(F.conv2d(x, kernel, stride=stride, padding=1), 2 * i + 1)
    x = x.permute(0, 2, 3, 1).flatten(1)  # height, width, channel
    features = batch_norm(x @ w["classifier/008-dense/weight"], 9)
    return features, features @ w["classifier/010-dense/weight"] + w["classifier/010-dense/bias"]


def compute():
    pixels = np.round((formula(1, 3, 28, 28) + 1) * 127.5)
    features, logits = network(torch.from_numpy(pixels / 127.5 - 1), read_weights(HERE.parent.parent / "fashion-cnn.safetensors"))
    return {"pixels": pixels.astype(np.uint8), "features": features.numpy(), "logits": logits.numpy()}


if __name__ == "__main__":
    values, path = compute(), HERE / "fashioncnn.npz"
    if "--check" in sys.argv[1:]:
        stored = np.load(path)
        assert sorted(stored) == sorted(values), sorted(stored)
        for name, v in values.items():
            np.testing.assert_allclose(stored[name], v, rtol=1e-9, atol=1e-9, err_msg=name)
        print("equal:", path.name)
    else:
        np.savez_compressed(path, **values)
