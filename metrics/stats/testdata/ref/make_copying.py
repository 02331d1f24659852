"""Reference values of nearest neighbours and of the test for data-copying (Meehan et al. 2020, arXiv 2004.05675).

Writes copying.npz beside it; `--check` recomputes and fails if a stored value differs.
Made with scipy 1.17.1 and numpy 2.4.6, and data_copying_tests.py of github.com/casey-meehan/data-copying at a0ba2db, run as
it is with scipy's neighbours in place of scikit-learn's: $GOGAN_PEERS_SRC/data-copying has it (default: below peers-src in
the user's cache directory of gogan). Without that the check leaves out the values ".authors".

Features are those of make_stats.py: 200 training, 90 test and 150 generated rows of 16. In "far" the generated ones are
shifted, in "copies" each second one is a training row, so that many distances are equal, in "near" each lies near one.

  CASE.index, CASE.distance  3 nearest training rows of each generated row
  CASE.share, CASE.z         1 - U/(nm), and the standard score of scipy.stats.mannwhitneyu with corrections for ties and
                             continuity
  CASE.authors               Zu of the authors, who do not correct for ties: not of "copies"
"""

import importlib.util
import os
import pathlib
import sys
import types

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu, norm

from make_stats import features

HERE = pathlib.Path(__file__).parent


def authors():
    """The module of the authors, None if it is not there."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    source = pathlib.Path(os.environ.get("GOGAN_PEERS_SRC", cache / "gogan" / "peers-src"))
    path = source / "data-copying" / "data_copying_tests.py"
    if not path.is_file():
        return None

    class Neighbours:
        def __init__(self, n_neighbors):
            assert n_neighbors == 1

        def fit(self, x):
            self.tree = KDTree(x)
            return self

        def kneighbors(self, X, n_neighbors):
            return self.tree.query(X, k=[n_neighbors])

    stub = types.ModuleType("sklearn.neighbors")
    stub.NearestNeighbors = Neighbours
    sys.modules |= {"sklearn": types.ModuleType("sklearn"), "sklearn.neighbors": stub}
    spec = importlib.util.spec_from_file_location("data_copying_tests", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def values():
    train, test, fakes = features(1, 200, 16), features(4, 90, 16), features(2, 150, 16)
    copies = fakes.copy()
    copies[::2] = train[100:175]
    cases = {"far": features(2, 150, 16, 0.25), "copies": copies, "near": train[:150] + fakes * np.float32(0.25)}
    original, out = authors(), {}
    for name, fake in cases.items():
        train64, test64, fake64 = (x.astype(np.float64) for x in (train, test, fake))
        d = cdist(fake64, train64)
        index = np.argsort(d, axis=1, kind="stable")[:, :3]
        distance = np.take_along_axis(d, index, axis=1)
        r = mannwhitneyu(distance[:, 0], cdist(test64, train64).min(1), alternative="less", method="asymptotic")
        out |= {f"{name}.index": index.astype(np.float64), f"{name}.distance": distance,
                f"{name}.share": 1 - r.statistic / (len(fake) * len(test)), f"{name}.z": norm.ppf(r.pvalue)}
        if original and name != "copies":
            out[f"{name}.authors"] = original.Zu(test64, fake64, train64).item()
    return out


def main():
    got = values()
    if "--check" not in sys.argv:
        np.savez_compressed(HERE / "copying.npz", **got)
        return
    stored = dict(np.load(HERE / "copying.npz"))
    if not any(name.endswith(".authors") for name in got):
        print("the authors' code is not there: its values are not checked")
        stored = {name: v for name, v in stored.items() if not name.endswith(".authors")}
    assert sorted(stored) == sorted(got), "copying.npz: other names"
    for name, v in got.items():
        np.testing.assert_allclose(v, stored[name], rtol=1e-9, atol=1e-12, err_msg=name)


if __name__ == "__main__":
    main()
