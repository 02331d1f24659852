"""Executes a notebook from top to bottom and tells on stdout what it does, one JSON object a line.

usage: execute.py NOTEBOOK OUTPUT KERNEL

The kernel's working directory is the notebook's. OUTPUT is written in any case, also when a cell fails; the exit status is
then 1. Jupyter's own command writes nothing after a failure and does not say which cell it is at.
"""

import json
import pathlib
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def tell(**event):
    print(json.dumps(event), flush=True)


def main(source, output, kernel):
    nb = nbformat.read(source, as_version=4)
    client = NotebookClient(
        nb,
        kernel_name=kernel,
        timeout=None,  # a training takes as long as it takes; whoever waits ends this process
        startup_timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(pathlib.Path(source).resolve().parent)}},
        on_cell_execute=lambda cell, cell_index: tell(event="start", cell=cell_index),
        on_cell_executed=lambda cell, cell_index, execute_reply: tell(event="end", cell=cell_index),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        tell(event="error", text=error.evalue or error.ename)
        return 1
    except DeadKernelError:
        tell(event="error", text="the kernel died")
        return 1
    finally:
        nbformat.write(nb, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
