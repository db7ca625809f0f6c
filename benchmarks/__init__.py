"""`make bench`: the package against what users would pick instead, in one run."""

import os

# read when these libraries are imported; PyTorch's profiler announces each start otherwise
os.environ |= {"KERAS_BACKEND": "torch", "KINETO_LOG_LEVEL": "99", "TORCH_CPP_LOG_LEVEL": "ERROR"}
