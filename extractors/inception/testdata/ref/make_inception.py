"""Reference features of the 2015 Inception network with weights by a formula, from pytorch-fid and torch-fidelity.

Writes inception.npz beside it. `--check` recomputes and fails if a stored value differs.
`--state FILE [zip|legacy] [class]` writes the weights as torch.save does: those of the published file's form, or what
pytorch-fid's class InceptionV3 has as its state dict.
Made with pytorch-fid 0.3.0, torch-fidelity 0.3.0, torch 2.15.0, torchvision 0.29.2 and numpy 2.4.6.

Weights are those of internal/inceptionweights. Picture i has the size SIZES[i], 3 channels and the samples
floor(128·(u+1)) with u = formula(i+1), as in internal/golden; the small ones are smooth when they are enlarged.

"tf1.*" are outputs of torch-fidelity's FeatureExtractorInceptionV3: pool, logits (unbiased), logits_biased [3, ...], and
spatial [3, 2023], the first 7 channels after the ReLU of Mixed_6d.branch1x1, pixel by pixel. "pytorch-fid.*" are those
of pytorch-fid's InceptionV3([0, 1, 2, 3]) for u8/255: 64, 192, 768 [3, channels, h, w], and pool. "boxed.pool" is for
picture 1 alone as float32 in [0, 1] enlarged by repeating pixels to 299x299, which the class does not resize any more.
Of arrays in STRIDES only every so many-th value is stored, of the flattened array.
"""

import pathlib
import sys

import numpy as np
import pytorch_fid.inception
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

SIZES = [(6, 9), (40, 31), (299, 299)]
STRIDES = {"tf1.logits_biased": 11, "tf1.spatial": 11, "pytorch-fid.pool": 11, "boxed.pool": 11,
           "pytorch-fid.64": 4001, "pytorch-fid.192": 4001, "pytorch-fid.768": 4001}
SALT = 1000


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def state_dict(net):
    """Weights by formula for the names of net, in its order; without the counters, as in the published file."""
    out = {}
    for name, value in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u, shape = formula(SALT + len(out), *value.shape), value.shape
        if name == "fc.weight":
            u = u * np.sqrt(3 / shape[1])
        elif name.endswith(".conv.weight"):
            u = u * np.sqrt(6 / (shape[1] * shape[2] * shape[3]))
        elif name.endswith((".bn.weight", ".running_var")):
            u = 1 + u / 4
        else:
            u = u / 4
        out[name] = torch.from_numpy(u.astype(np.float32))
    assert len(out) == 472
    return out


def networks():
    """Both programs' networks. Neither downloads: what would be downloaded comes from the formula."""
    weights = {}

    class Fidelity(FeatureExtractorInceptionV3):
        def load_state_dict(self, _):
            weights.update(state_dict(self))
            return super().load_state_dict(weights)

    load, torch.load = torch.load, lambda *_: None
    fidelity = Fidelity("reference", ["2048", "logits_unbiased", "logits"], feature_extractor_weights_path="formula").eval()
    torch.load = load
    pytorch_fid.inception.load_state_dict_from_url = lambda *_, **__: weights
    return fidelity, pytorch_fid.inception.InceptionV3([0, 1, 2, 3]).eval(), weights


def picture(i):
    u8 = np.floor(128 * (formula(i + 1, *SIZES[i], 3) + 1)).astype(np.uint8)
    return torch.from_numpy(u8).permute(2, 0, 1)[None].contiguous()


def reference():
    fidelity, fid, _ = networks()
    spatial = []
    fidelity.Mixed_6d.branch1x1.register_forward_hook(
        lambda _, __, y: spatial.append(y[:, :7].permute(0, 2, 3, 1).reshape(1, -1)))
    rows = {}

    def add(name, value):
        rows.setdefault(name, []).append(value.numpy())

    for i in range(len(SIZES)):
        for name, value in zip(("tf1.pool", "tf1.logits", "tf1.logits_biased"), fidelity(picture(i))):
            add(name, value)
        add("tf1.spatial", spatial[-1])
        for name, value in zip(("64", "192", "768", "pool"), fid(picture(i).float() / 255)):
            add("pytorch-fid." + name, value.reshape(1, -1) if name == "pool" else value)
    boxed = picture(1).float().div(255).repeat_interleave(8, 2).repeat_interleave(10, 3)[:, :, :299, :299]
    assert boxed.shape[2:] == (299, 299)
    add("boxed.pool", fid(boxed)[3].reshape(1, -1))
    arrays = {name: np.concatenate(values) for name, values in rows.items()}
    for name, value in arrays.items():
        print(name, value.shape, "mean", value.mean(), "deviation", value.std(), "between pictures", value.std(0).mean())
        if name in STRIDES:
            arrays[name] = value.reshape(-1)[::STRIDES[name]]
    return arrays | {"sizes": np.array(SIZES, dtype=np.int32)}


def save_state(path, form="zip", source="file"):
    _, fid, weights = networks()
    torch.save(fid.state_dict() if source == "class" else weights, path, _use_new_zipfile_serialization=form == "zip")


def main():
    torch.set_grad_enabled(False)
    if "--state" in sys.argv:
        save_state(*sys.argv[sys.argv.index("--state") + 1:])
        return
    path = pathlib.Path(__file__).with_name("inception.npz")
    arrays = reference()
    if "--check" not in sys.argv:
        np.savez_compressed(path, **arrays)
        print(path.stat().st_size, "bytes")
        return
    stored = np.load(path)
    assert sorted(stored) == sorted(arrays), "other names"
    for name, value in arrays.items():
        np.testing.assert_allclose(value, stored[name], rtol=0, atol=1e-5 * np.abs(stored[name]).max(), err_msg=name)


if __name__ == "__main__":
    main()
