#!/bin/sh
# Makes .venv with exactly the packages of requirements.txt. POSIX sh, because there may be no usable Python.
set -u

fail() {
    echo "error: $1" >&2
    exit 1
}

usable='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    "$python" -c "$usable" 2>/dev/null && break
    python=
done
[ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed; found $(${PYTHON:-python3} -V 2>/dev/null || echo none). Name one with: make PYTHON=/path/to/python3.11"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$("$python" -V) lacks the modules venv and ensurepip (on Debian and Ubuntu: the package python3-venv)."

echo "making .venv with $("$python" -V); about 1.5 GB, a minute or more on the first run"
"$python" -m venv --clear .venv || fail "could not make .venv"

log=.venv/setup.log
.venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt 2>"$log" ||
    fail "pip could not install requirements.txt (is there a network?): $(grep '^ERROR' "$log" | tail -n 1). All of it: $log"

# Matplotlib tells on stderr when it makes its font cache, which must not end up in a notebook.
.venv/bin/python -c 'import matplotlib.font_manager' 2>>"$log" || fail "Matplotlib does not start; see $log"
# ipykernel warns on stderr about plain TCP at each start, although kernels listen on localhost only.
profile=.venv/ipython/profile_default
mkdir -p "$profile" && echo 'c.IPKernelApp.log_level = 40' >"$profile/ipython_kernel_config.py" ||
    fail "could not write $profile"
