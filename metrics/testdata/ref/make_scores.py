"""Scores of two small sets of pictures by the programs themselves, with weights of the Inception network by a formula.

Writes reals.zip, fakes.zip, reals-jpeg.zip, fakes-jpeg.zip and scores.json beside it. `--check` recomputes the scores of
the stored pictures and fails if one differs.
Made with pytorch-fid 0.3.0, torch-fidelity 0.3.0, clean-fid 0.1.35, torchmetrics 1.9.0, torch 2.15.0, scipy 1.17.1,
numpy 2.4.6 and Pillow 13.0.0.

Weights are those of internal/inceptionweights, by extractors/inception/testdata/ref/make_inception.py. Each set has 16
pictures: sums of waves whose directions and colours come from a seeded generator, other ones for reals and fakes. The
fakes have several sizes, and every fourth is grey. Of the first 12 there are JPEGs of 40x40 pixels, quality 85, 4:2:0.

The programs run as their users run them, on folders, where they can; what they would download is given to them. Where a
program draws without a seed, subsets are as large as the sets, so that nothing is drawn.
"""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import zipfile

import cleanfid.fid
import numpy as np
import pytorch_fid.fid_score
import pytorch_fid.inception
import torch
import torch_fidelity
from PIL import Image
from torchmetrics.image.fid import FrechetInceptionDistance, NoTrainInceptionV3
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import KernelInceptionDistance

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "extractors" / "inception" / "testdata" / "ref"))
import make_inception  # noqa: E402

N, JPEGS = 16, 12
SPLITS, SUBSETS, SUBSET = 3, 5, 10


def waves(random, h, w, frequency):
    """A picture [h, w, 3] of three waves of different colours."""
    y, x = np.mgrid[0:h, 0:w] / 16
    total = np.full((h, w, 3), 128.0)
    for _ in range(3):
        direction, phase = random.normal(size=2) * frequency, random.uniform(0, 6)
        total += np.sin(direction[0] * y + direction[1] * x + phase)[:, :, None] * random.normal(size=3) * 40
    return np.clip(total, 0, 255).astype(np.uint8)


def picture(kind, i):
    random = np.random.RandomState(1000 * (kind == "fakes") + i)
    h, w = (20, 20) if kind == "reals" else (18 + i % 5, 24 - i % 3)
    img = Image.fromarray(waves(random, h, w, 2 if kind == "reals" else 3))
    return img.convert("L") if kind == "fakes" and i % 4 == 3 else img


def make_zips():
    for kind in ("reals", "fakes"):
        for suffix, ending in (("", "png"), ("-jpeg", "jpg")):
            with zipfile.ZipFile(HERE / f"{kind}{suffix}.zip", "w", zipfile.ZIP_STORED) as out:
                for i in range(N if ending == "png" else JPEGS):
                    data = io.BytesIO()
                    if ending == "png":
                        picture(kind, i).save(data, "PNG", optimize=True)
                    else:
                        picture(kind, i).resize((40, 40)).convert("RGB").save(data, "JPEG", quality=85, subsampling="4:2:0")
                    out.writestr(zipfile.ZipInfo(f"{i:02d}.{ending}"), data.getvalue())


def pytorch_fid_score(reals, fakes):
    return {"fid": pytorch_fid.fid_score.calculate_fid_given_paths([str(reals), str(fakes)], 1, "cpu", 2048, 0)}


def torch_fidelity_scores(reals, fakes, weights):
    scores = torch_fidelity.calculate_metrics(
        input1=str(fakes), input2=str(reals), cuda=False, batch_size=1, isc=True, fid=True, kid=True, isc_splits=SPLITS,
        kid_subsets=SUBSETS, kid_subset_size=SUBSET, feature_extractor_weights_path=weights, cache=False, verbose=False)
    return {"fid": scores["frechet_inception_distance"], "is": scores["inception_score_mean"], "is_std": scores["inception_score_std"],
            "kid": scores["kernel_inception_distance_mean"], "kid_std": scores["kernel_inception_distance_std"]}


def clean_fid_score(reals, fakes):
    net = pytorch_fid.inception.InceptionV3([3], resize_input=False, normalize_input=False).eval()
    return {"fid": cleanfid.fid.compute_fid(
        str(reals), str(fakes), mode="clean", num_workers=0, batch_size=1, device=torch.device("cpu"), verbose=False,
        custom_feat_extractor=lambda x: net((x - 128) / 128)[0][:, :, 0, 0])}


def torchmetrics_scores(reals, fakes, weights):
    fid = FrechetInceptionDistance(feature_extractor_weights_path=weights)
    kid = KernelInceptionDistance(feature=NoTrainInceptionV3("reference", ["2048"], weights), subsets=1, subset_size=N)
    score = InceptionScore(feature=NoTrainInceptionV3("reference", ["logits_unbiased"], weights), splits=1)
    for real, folder in ((True, reals), (False, fakes)):
        for path in sorted(folder.iterdir()):
            x = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None]
            fid.update(x, real=real)
            kid.update(x, real=real)
            if not real:
                score.update(x)
    return {"fid": fid.compute().item(), "kid": kid.compute()[0].item(), "is": score.compute()[0].item()}


def reference():
    out = {"splits": SPLITS, "kid_subsets": SUBSETS, "kid_subset_size": SUBSET, "n": N, "jpegs": JPEGS}
    _, _, state = make_inception.networks()  # gives pytorch-fid its weights, too
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        weights = str(tmp / "weights.pth")
        torch.save(state, weights)
        folders = {}
        for name in ("reals", "fakes", "reals-jpeg", "fakes-jpeg"):
            folders[name] = tmp / name
            zipfile.ZipFile(HERE / f"{name}.zip").extractall(folders[name])
        sides = folders["reals"], folders["fakes"]
        out["pytorch-fid"] = pytorch_fid_score(*sides)
        out["pytorch-fid-jpeg"] = pytorch_fid_score(folders["reals-jpeg"], folders["fakes-jpeg"])
        out["torch-fidelity"] = torch_fidelity_scores(*sides, weights)
        out["clean-fid"] = clean_fid_score(*sides)
        out["torchmetrics"] = torchmetrics_scores(*sides, weights)
    return {name: {k: float(v) for k, v in value.items()} if isinstance(value, dict) else value for name, value in out.items()}


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)  # values do not depend on the machine, and other work does not hold up the threads
    check = "--check" in sys.argv
    if not check:
        make_zips()
    with contextlib.redirect_stdout(sys.stderr):
        scores = reference()
    print(json.dumps(scores, indent=2))
    path = HERE / "scores.json"
    if not check:
        path.write_text(json.dumps(scores, indent=2) + "\n")
        return
    stored = json.loads(path.read_text())
    assert sorted(stored) == sorted(scores), "other names"
    for program, values in stored.items():
        for name, value in values.items() if isinstance(values, dict) else [("", values)]:
            new = scores[program][name] if name else scores[program]
            np.testing.assert_allclose(new, value, rtol=1e-5, atol=1e-7, err_msg=f"{program} {name}")


if __name__ == "__main__":
    main()
