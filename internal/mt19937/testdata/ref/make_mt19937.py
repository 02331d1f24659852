"""Reference values of numpy.random.RandomState.

Writes mt19937.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with numpy 2.4.6.

For every seed, numbers are drawn from one generator in the order of draw() below; "SEED.NAME" are those of one call.
"""

import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
SEEDS = {"0": 0, "1": 1, "2020": 2020, "4294967295": 2**32 - 1, "[0]": [0], "[1 2 3]": [1, 2, 3], "range(700)": range(700)}


def draw(r):
    out = {}
    out["raw"] = r.randint(0, 2**32, size=700, dtype=np.uint32)[-6:]  # all 32 bits of a number, beyond the first state
    out["random_sample"] = r.random_sample(5)
    out["randn"] = r.randn(5)  # leaves the second number of a pair
    out["randint"] = r.randint(-5, 1000, 10)
    out["randint_large"] = r.randint(-2**40, 2**45, 5)
    out["randint_one"] = np.array([r.randint(7, 8)])
    out["permutation"] = r.permutation(50)
    out["choice"] = r.choice(100, 10, replace=False)
    out["standard_normal"] = r.standard_normal(2)
    out["last"] = r.random_sample(1)
    return out


def main():
    arrays = {}
    for name, seed in SEEDS.items():
        for k, v in draw(np.random.RandomState(list(seed) if isinstance(seed, range) else seed)).items():
            arrays[f"{name}.{k}"] = v
    if "--check" not in sys.argv:
        np.savez_compressed(HERE / "mt19937.npz", **arrays)
        return
    stored = np.load(HERE / "mt19937.npz")
    assert sorted(stored) == sorted(arrays), "mt19937.npz: other names"
    for k, v in arrays.items():
        np.testing.assert_array_equal(v, stored[k], err_msg=k)


if __name__ == "__main__":
    main()
