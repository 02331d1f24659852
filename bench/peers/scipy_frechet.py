"""Fréchet distance of two statistics files by pytorch-fid, which takes SciPy's square root of a matrix.

    scipy_frechet.py A.npz B.npz

Prints one line of JSON: the version, the seconds from the files to the distance, and the distance.
"""

import json
import sys
import time

import numpy as np
import scipy
from pytorch_fid.fid_score import calculate_frechet_distance

from serve import threads


def read(path):
    with np.load(path) as f:
        return f["mu"], f["sigma"]


def main():
    start = time.perf_counter()
    mu1, sigma1 = read(sys.argv[1])
    mu2, sigma2 = read(sys.argv[2])
    value = float(calculate_frechet_distance(mu1, sigma1, mu2, sigma2))
    seconds = time.perf_counter() - start
    version = f"scipy {scipy.__version__}, {threads()} threads"
    print(json.dumps({"version": version, "seconds": seconds, "value": value}))


if __name__ == "__main__":
    main()
