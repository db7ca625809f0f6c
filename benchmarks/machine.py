"""Which machine, which system and which versions the results come from."""

import os
import platform
import re
from pathlib import Path

import numpy
import psutil
import sympy
import torch

import dropoutbook
from benchmarks.peers import versions


def machine() -> dict:
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": gpu,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {
            "dropoutbook": dropoutbook.__version__,
            "numpy": numpy.__version__,
            "sympy": sympy.__version__,
            "torch": torch.__version__,
            **versions(),
        },
    }


def processor() -> str:
    """The name that the system gives the processor."""
    info = Path("/proc/cpuinfo")  # Linux; `platform` knows no name there
    names = re.findall(r"^model name\s*: (.+)$", info.read_text(), re.M) if info.exists() else []
    return names[0] if names else platform.processor()
