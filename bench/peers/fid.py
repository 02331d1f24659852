"""FID of two folders by pytorch-fid or torch-fidelity, with weights from a file in place of the download.

    fid.py PROGRAM WORKERS LAYOUT BATCH WEIGHTS.pth REALS FAKES

PROGRAM is pytorch-fid or torch-fidelity, WORKERS the processes that decode beside the main one (torch-fidelity knows 0
and its own number), LAYOUT contiguous or channels_last. Prints one line of JSON: the version, the seconds from the
folders to the distance (network and weights included, imports not), the distance, and the peak memory in bytes of the
process and its largest worker.
"""

import contextlib
import importlib.metadata
import json
import resource
import sys
import time

import torch

from serve import threads


def pytorch_fid(workers, layout, batch, weights, reals, fakes):
    from pytorch_fid import fid_score, inception

    inception.load_state_dict_from_url = lambda *_, **__: torch.load(weights)

    class Network(inception.InceptionV3):
        def __init__(self, *args):
            super().__init__(*args)
            self.to(memory_format=layout)

    fid_score.InceptionV3 = Network
    return fid_score.calculate_fid_given_paths([reals, fakes], batch, "cpu", 2048, workers)


def torch_fidelity(workers, layout, batch, weights, reals, fakes):
    from torch_fidelity import metrics

    create = metrics.create_feature_extractor
    metrics.create_feature_extractor = lambda *a, **k: create(*a, **k).to(memory_format=layout)
    scores = metrics.calculate_metrics(
        input1=fakes, input2=reals, fid=True, cuda=False, cache=False, batch_size=batch,
        feature_extractor_weights_path=weights, save_cpu_ram=workers == 0, verbose=False)
    return scores["frechet_inception_distance"]


def main():
    program, workers, layout, batch, weights, reals, fakes = sys.argv[1:]
    run = {"pytorch-fid": pytorch_fid, "torch-fidelity": torch_fidelity}[program]
    torch.set_num_threads(threads())
    with contextlib.redirect_stdout(sys.stderr):  # both programs print
        start = time.perf_counter()
        value = run(int(workers), getattr(torch, layout if layout == "channels_last" else "contiguous_format"), int(batch),
                    weights, reals, fakes)
        seconds = time.perf_counter() - start
    peak = 1024 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    version = f"{program} {importlib.metadata.version(program)} batch {batch} {layout} {workers} workers, {threads()} threads"
    print(json.dumps({"version": version, "seconds": seconds, "value": float(value), "peak": peak}))


if __name__ == "__main__":
    main()
