"""Loads the peers, each as it is installed; what cannot be loaded is absent, with the reason."""

import importlib
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch

from benchmarks.row import Absent

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")


@cache
def load(name: str) -> ModuleType:
    """The module of a peer.

    Raises:
        Absent: if it is not installed, or its import fails.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:  # whatever a foreign package raises
        raise Absent(_reason(error)) from error


@cache
def load_file(package: str, path: str) -> ModuleType:
    """One file of a package that does not import as a whole, with the names of STUBS beside it.

    Raises:
        Absent: if the package is not installed, or the file fails.
    """
    name = f"{package}.{path.removesuffix('.py').replace('/', '.')}"
    try:
        spec = importlib.util.find_spec(package)  # of a package itself, without running it
        if spec is None:
            raise ModuleNotFoundError(f"No module named {package!r}")
        file = Path(spec.submodule_search_locations[0], path)
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        with patch.dict(sys.modules, STUBS.get(package, {})):
            spec.loader.exec_module(module)
    except Exception as error:
        raise Absent(_reason(error)) from error
    return module


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = []
    vars(module).update(members)
    return module


# torchvision's wheel on PyPI is built for CUDA, and fails to import beside a PyTorch without it;
# its DropBlock is one file of pure PyTorch that asks the rest of the package for a counter of use
STUBS: Mapping[str, Mapping[str, ModuleType]] = {
    "torchvision": {
        "torchvision": _module("torchvision"),
        "torchvision.ops": _module("torchvision.ops"),
        "torchvision.utils": _module("torchvision.utils", _log_api_usage_once=lambda _: None),
    }
}


def compiled(function: Callable, *example: Any) -> Callable:
    """`function` through torch.compile, for arguments like `example`.

    Raises:
        Absent: if it does not compile, for want of a C++ compiler say.
    """
    torch.compiler.reset()  # otherwise the ninth shape is no longer compiled, silently
    call = torch.compile(function, dynamic=False)
    try:
        call(*example)
    except Exception as error:
        raise Absent(_reason(error)) from error
    return call


def versions(requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """What is installed of the peers' requirements, "absent" where nothing is."""
    names = re.findall(r"^([\w-]+)==", requirements.read_text("utf8"), re.MULTILINE)
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
