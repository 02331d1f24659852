"""Reference trajectories of the Dirac-GAN from the authors' own code, run as it is.

Writes dirac.npz beside it. `--check` recomputes and fails if a stored value differs. Needs $GOGAN_PEERS_SRC, a folder with
a clone of https://github.com/LMescheder/GAN_stability (c1f64c9) in it, of which notebooks/diracgan is imported.
Made with numpy 2.4.6 and scipy, Python float64.

"METHOD.MODE" holds (theta, psi) at the steps in "steps", for start (1, 1) and h 0.2; MODE is sim, alt1 or alt5.
"instnoise.MODE" are means over 40 seeds and "instnoise.MODE.sd" their standard deviations: that code draws its noise.
"instnoise.field" is its field at "instnoise.points" with the means over the noise taken by scipy.integrate.quad.
"""

import os
import pathlib
import sys

import numpy as np
from scipy import integrate, stats

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(pathlib.Path(os.environ["GOGAN_PEERS_SRC"]) / "GAN_stability" / "notebooks"))
from diracgan import gans, simulate  # noqa: E402

STEPS = [1, 10, 100, 500]
SIGMA, SEEDS = 0.7, 40
METHODS = {
    "gan": gans.GAN(), "nsgan": gans.NSGAN(), "wgan": gans.WGAN(1.0), "wgangp": gans.WGAN_GP(0.7, 1.0),
    "instnoise": gans.GAN_InstNoise(SIGMA), "r1": gans.GAN_GradPenalty(0.3), "r1critical": gans.GAN_GradPenalty(1.0),
    "consensus": gans.GAN_Consensus(1.0), "nsr1": gans.NSGAN_GradPenalty(0.3)}


def train(method, mode):
    options = dict(nsteps=500, hs_g=0.2, hs_d=0.2)
    if mode == "sim":
        thetas, psis = simulate.trajectory_simgd(method, 1.0, 1.0, **options)
    else:
        thetas, psis = simulate.trajectory_altgd(method, 1.0, 1.0, dsteps=int(mode[3:]), **options)
    return np.array([[thetas[i], psis[i]] for i in STEPS])


def mean(f):
    return integrate.quad(lambda e: f(e) * stats.norm.pdf(e), -12, 12, epsabs=1e-13, epsrel=1e-12)[0]


def noisy_field(theta, psi):
    fake = lambda e: theta + SIGMA * e
    return [mean(lambda e: -psi * gans.fp(psi * fake(e))),
            mean(lambda e: fake(e) * gans.fp(psi * fake(e)) - SIGMA * e * gans.fp(-SIGMA * e * psi))]


def main():
    points = np.array([[1.0, 1.0], [0.3, -0.8], [-2.0, 0.5], [0.0, 1.5], [0.7, 0.0]])
    out = {"steps": np.array(STEPS, dtype=np.float64), "instnoise.points": points,
           "instnoise.field": np.array([noisy_field(*p) for p in points])}
    for name, method in METHODS.items():
        for mode in ("sim", "alt1", "alt5"):
            if name != "instnoise":
                out[f"{name}.{mode}"] = train(method, mode)
                continue
            runs = []
            for seed in range(SEEDS):
                np.random.seed(seed)
                runs.append(train(method, mode))
            out[f"{name}.{mode}"], out[f"{name}.{mode}.sd"] = np.mean(runs, 0), np.std(runs, 0, ddof=1)
    path = HERE / "dirac.npz"
    if "--check" not in sys.argv[1:]:
        np.savez(path, **out)
        return
    stored = np.load(path)
    if sorted(stored.files) != sorted(out):
        sys.exit(f"{path.name}: other arrays than {sorted(out)}")
    for key, v in out.items():
        if not np.allclose(stored[key], v, rtol=1e-9, atol=0):
            sys.exit(f"{path.name}: {key} differs")


if __name__ == "__main__":
    main()
