"""Reference values of scores from features, and statistics files of other programs.

Writes scores.npz and the files of FILES beside it. `--check` recomputes, fails if a stored value differs, and reads
../snap/ours.npz, which gogan wrote, as those programs would.
Made with pytorch-fid 0.3.0, torch-fidelity 0.3.0, scipy 1.17.1, mpmath 1.3.0, torch 2.15.0 and numpy 2.4.6.

Features are features(salt, n, d, shift) below, which Go's tests compute, too. scores.npz:

  fid.CASE.pytorch-fid     calculate_frechet_distance of np.mean and np.cov
  fid.CASE.torch-fidelity  fid_features_to_statistics and fid_statistics_to_metric
  fid.CASE.exact           the definition in 40 digits: singular values of the product of the centred features
  fid.CASE.ddof0           the same with covariances divided by N, as StyleGAN2-ADA has them
  is.CASE                  mean and std of isc_features_to_metric
  kid.CASE, kid.CASE.f64   mean and std of kid_features_to_metric, on float32 and on float64 features
  prdc                     precision, recall, density, coverage by the paper's equations, k 5
  pr                       precision, recall by the paper's equations, k 3
"""

import contextlib
import io
import pathlib
import sys

import mpmath
import numpy as np
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

HERE = pathlib.Path(__file__).parent
# n real, n fake, features: more and fewer pictures than features. sqrtm is too slow for the last.
FID = {"tall": (500, 400, 64), "square": (65, 70, 64), "mixed": (200, 30, 48), "wide": (40, 30, 128), "inception": (24, 20, 2048)}
IS = {"few": (103, 20, 8.0), "inception": (50, 1008, 16.0)}
KID = {"small": (150, 120, 64, 50, 20), "inception": (60, 50, 2048, 40, 5)}


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape).astype(np.float32)


def features(salt, n, d, shift=0.0):
    """Unequal variances, four common factors, float32; every product is exact, so that fused additions change nothing."""
    own = formula(salt, n, d) * (2.0 ** -(np.arange(d) % 5)).astype(np.float32)
    common = formula(salt + 1000, n, 4) * np.float32(0.5)
    return own + common[:, np.arange(d) % 4] + np.float32(shift)


def exact_fid(x, y, ddof):
    x, y = x.astype(np.float64), y.astype(np.float64)  # float32 features: the products below are exact
    with mpmath.workdps(40):
        def side(a):
            n = len(a)
            mean = [mpmath.fsum(map(mpmath.mpf, a[:, j])) / n for j in range(a.shape[1])]
            return mean, mpmath.matrix([[mpmath.mpf(v) - m for v, m in zip(row, mean)] for row in a]) / mpmath.sqrt(n - ddof)
        (mx, cx), (my, cy) = side(x), side(y)
        trace = sum(v * v for v in cx) + sum(v * v for v in cy)
        if len(x) > x.shape[1]:  # the smaller of both forms
            lx, ly = mpmath.cholesky(cx.T * cx), mpmath.cholesky(cy.T * cy) if len(y) > x.shape[1] else cy.T
            cross = lx.T * ly
        else:
            cross = cx * cy.T
        if cross.rows < cross.cols:
            cross = cross.T
        root = mpmath.fsum(mpmath.svd_r(cross, compute_uv=False))
        return float(sum((a - b) ** 2 for a, b in zip(mx, my)) + trace - 2 * root)


def fid():
    out = {}
    for name, (n, m, d) in FID.items():
        x, y = features(1, n, d), features(2, m, d, 0.125)
        out[f"fid.{name}.exact"] = exact_fid(x, y, 1)
        out[f"fid.{name}.ddof0"] = exact_fid(x, y, 0)
        if name == "inception":
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            out[f"fid.{name}.pytorch-fid"] = calculate_frechet_distance(
                x.astype(np.float64).mean(0), np.cov(x.astype(np.float64), rowvar=False), y.astype(np.float64).mean(0),
                np.cov(y.astype(np.float64), rowvar=False))
            sx, sy = (fid_features_to_statistics(torch.from_numpy(v)) for v in (x, y))
            out[f"fid.{name}.torch-fidelity"] = fid_statistics_to_metric(sx, sy, False)["frechet_inception_distance"]
    return out


def inception_score():
    out = {}
    for name, (n, c, scale) in IS.items():
        r = isc_features_to_metric(torch.from_numpy(formula(3, n, c) * np.float32(scale)), splits=10, shuffle=True, rng_seed=2020)
        out[f"is.{name}"] = np.array([r["inception_score_mean"], r["inception_score_std"]])
    return out


def kid():
    out = {}
    for name, (n, m, d, size, subsets) in KID.items():
        real, fake = (torch.from_numpy(v) for v in (features(1, n, d), features(2, m, d, 0.125)))
        for suffix, (x, y) in {"": (fake, real), ".f64": (fake.double(), real.double())}.items():
            r = kid_features_to_metric(x, y, kid_subsets=subsets, kid_subset_size=size, rng_seed=2020, kid_degree=3, kid_gamma=None,
                                       kid_coef0=1, verbose=False)
            out[f"kid.{name}{suffix}"] = np.array([r["kernel_inception_distance_mean"], r["kernel_inception_distance_std"]])
    return out


def distances(x, y):
    return np.sqrt(((x[:, None, :].astype(np.float64) - y[None, :, :]) ** 2).sum(-1))


def neighbours():
    real, fake = features(1, 200, 16), features(2, 150, 16, 0.125)
    cross = distances(real, fake)

    def radii(x, k):
        return np.sort(distances(x, x), axis=1)[:, k]  # itself is at 0

    r, f = radii(real, 5), radii(fake, 5)
    prdc = [(cross < r[:, None]).any(0).mean(), (cross < f[None, :]).any(1).mean(),
            (cross < r[:, None]).sum() / (5 * len(fake)), (cross.min(1) < r).mean()]
    r, f = radii(real, 3), radii(fake, 3)
    return {"prdc": np.array(prdc), "pr": np.array([(cross <= r[:, None]).any(0).mean(), (cross <= f[None, :]).any(1).mean()])}


def statistics(salt, n, d):
    x = features(salt, n, d).astype(np.float64)
    return x.mean(0), np.cov(x, rowvar=False)


def files():
    """What each program writes, by its own call of NumPy."""
    mu, sigma = statistics(1, 20, 8)
    mu_s, sigma_s = statistics(2, 20, 5)
    return {
        "pytorchfid.npz": (np.savez_compressed, {"mu": mu, "sigma": sigma}),  # fid_score.py, save_fid_stats
        "guided.npz": (np.savez, {"arr_0": np.zeros((2, 4, 4, 3), np.uint8), "mu": mu, "sigma": sigma, "mu_s": mu_s, "sigma_s": sigma_s}),
        "cleanfid_kid.npz": (np.savez_compressed, {"feats": features(1, 20, 8)}),  # fid.py, make_custom_stats
        "float32.npz": (np.savez, {"mu": mu.astype(np.float32), "sigma": sigma.astype(np.float32)}),
        "images.npz": (np.savez, {"arr_0": np.zeros((2, 4, 4, 3), np.uint8), "arr_1": np.zeros(2, np.int64)}),
        "objects.npz": (np.savez, {"mu": np.array([{"a": 1}], dtype=object), "sigma": sigma}),
    }


def check_ours():
    """Reads the file that gogan wrote as pytorch-fid does, and its other arrays."""
    ours = np.load(HERE.parent / "snap" / "ours.npz", allow_pickle=False)
    assert sorted(ours) == ["feats", "gogan", "logits", "mu", "mu_s", "sigma", "sigma_s"], sorted(ours)
    for (m, s), (mean, cov) in {("mu", "sigma"): statistics(1, 20, 8), ("mu_s", "sigma_s"): statistics(2, 20, 5)}.items():
        assert ours[m].dtype == ours[s].dtype == np.float64
        np.testing.assert_allclose(ours[m], mean, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(ours[s], cov, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(ours["feats"], features(1, 20, 8))
    np.testing.assert_array_equal(ours["logits"], formula(3, 20, 6))
    assert ours["gogan"].dtype == np.uint8


def main():
    scores = fid() | inception_score() | kid() | neighbours()
    if "--check" not in sys.argv:
        np.savez(HERE / "scores.npz", **scores)
        for name, (save, arrays) in files().items():
            save(HERE / name, **arrays)
        return
    stored = np.load(HERE / "scores.npz")
    assert sorted(stored) == sorted(scores), "scores.npz: other names"
    for k, v in scores.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-6 if "pytorch-fid" in k or "torch-fidelity" in k or k.startswith("kid") else 1e-12, err_msg=k)
    for name in FID:
        for program in ("pytorch-fid", "torch-fidelity") if name != "inception" else ():
            np.testing.assert_allclose(stored[f"fid.{name}.{program}"], stored[f"fid.{name}.exact"], rtol=1e-6, err_msg=name)
    for name, (_, arrays) in files().items():
        stored = np.load(HERE / name, allow_pickle=name == "objects.npz")
        assert sorted(stored) == sorted(arrays), f"{name}: other names"
        for k, v in arrays.items():
            np.testing.assert_array_equal(v, stored[k], err_msg=f"{name}: {k}") if v.dtype == object else np.testing.assert_allclose(
                v, stored[k], rtol=1e-6, atol=1e-12, err_msg=f"{name}: {k}")
    check_ours()


if __name__ == "__main__":
    main()
