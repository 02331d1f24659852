"""The test loss of pytorch/examples' VAE on Fashion-MNIST, to compare ours with: writes published.jsonl beside it.

    make_reference.py DIR [SEED...]   DIR holds the four .gz files of Fashion-MNIST; three seeds take some minutes

The class VAE and the function loss_function of vae/main.py at 77f55b9 run as they are, the script around them, which would
download MNIST, not: Adam 1e-3, batches of 128 in a new order in each of 10 epochs, and the loss of one z for each test
picture. The file is looked for in $GOGAN_PEERS_SRC/pytorch-examples (default: peers-src in the user's cache directory of
gogan). Made with torch 2.15.0. `--check DIR` trains seed 1 again and fails if its loss is more than 1 nat from the stored mean:
two and a half standard deviations between seeds. Steps are counted in pictures.
"""

import ast
import gzip
import json
import os
import pathlib
import sys

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

FILE = pathlib.Path(__file__).parent / "published.jsonl"
SOURCE = pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "gogan" / "peers-src"))
ROW, EPOCHS, BATCH = "MLP, Fashion-MNIST", 10, 128


def original():
    tree = ast.parse((SOURCE / "pytorch-examples" / "vae" / "main.py").read_text())
    tree.body = [n for n in tree.body if getattr(n, "name", "") in ("VAE", "loss_function")]
    names = {"nn": nn, "F": F, "torch": torch}
    exec(compile(tree, "main.py", "exec"), names)
    return names["VAE"](), names["loss_function"]


def pictures(directory, name):
    with gzip.open(pathlib.Path(directory) / f"{name}-images-idx3-ubyte.gz") as f:
        return torch.tensor(np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28) / np.float32(255))


def loss(model, loss_function, x):
    recon, mu, logvar = model(x)
    return loss_function(recon, x, mu, logvar)


def train(directory, seed):
    torch.manual_seed(seed)
    model, loss_function = original()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    x, test = pictures(directory, "train"), pictures(directory, "t10k")
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            loss(model, loss_function, x[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        return sum(loss(model, loss_function, batch).item() for batch in test.split(BATCH)) / len(test)


def main():
    check = "--check" in sys.argv
    directory, *seeds = [a for a in sys.argv[1:] if a != "--check"]
    if check:
        stored = next(r for r in map(json.loads, FILE.read_text().splitlines()) if r["row"] == ROW)
        value = train(directory, 1)
        assert abs(value - stored["values"]["test_loss"]) < 1, (value, stored)
        return
    losses = [train(directory, int(seed)) for seed in seeds or (1, 2, 3)]
    rows = [{"row": ROW, "source": "pytorch/examples, vae/main.py, run on this data", "values": {"test_loss": np.mean(losses)},
             "spread": {"test_loss": np.std(losses, ddof=1)}, "spread_of": f"standard deviation of {len(losses)} seeds",
             "steps": EPOCHS * 60000},
            {"row": "MLP, MNIST", "source": "log in pytorch/examples#1416", "values": {"test_loss": 106.6624},
             "steps": 7 * 60000}]
    FILE.write_text("".join(json.dumps(r) + "\n" for r in rows))


if __name__ == "__main__":
    main()
