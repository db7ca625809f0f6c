#!/bin/sh
# Makes .venv with exactly the packages of requirements.txt. POSIX sh, because there may be no usable Python.
# Nothing is built, and every file must have a hash of requirements.lock: but for torch, whose wheels, for the
# CPU or with CUDA, are others from index to index, and for the CUDA libraries that it may bring.
set -u
unset SOURCE_DATE_EPOCH # with it, pip compiles modules so that each import reads their source again

fail() {
    echo "error: $1" >&2
    exit 1
}

usable='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
[ -n "${PYTHON:-}" ] && set -- "$PYTHON" || set -- python3 python3.13 python3.12 python3.11
for python; do
    "$python" -c "$usable" 2>/dev/null && break
    python=
done
[ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed; found $("$1" -V 2>/dev/null || echo none). Name one with: make PYTHON=/path/to/python3.11"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$("$python" -V) lacks the modules venv and ensurepip (on Debian and Ubuntu: the package python3-venv)."

echo "making .venv with $("$python" -V); about 1.5 GB, a minute or more on the first run"
"$python" -m venv --clear .venv || fail "could not make .venv"

# pip says several lines a package; one line that counts is enough, and none where nobody watches.
count() {
    all=$(grep -c == requirements.txt) n=0
    while read -r word package _; do
        case $word in
            Collecting | Processing) n=$((n + 1)) now="package $n of $all: ${package##*/}" ;;
            Installing) now="installing $n packages" ;;
            FAILED) return 1 ;;
            *) continue ;;
        esac
        [ ! -t 1 ] || printf '\r\033[K%.79s' "$now"
    done
    [ ! -t 1 ] || printf '\r\033[K'
}

# Scripts in .venv and the package that it points to have this place written into them.
pwd >.venv/place

log=.venv/setup.log
install() { .venv/bin/python -m pip install --disable-pip-version-check --only-binary :all: "$@" 2>>"$log"; }
{
    install --no-deps --require-hashes -r requirements.lock && install "$(grep '^torch==' requirements.txt)" ||
        echo FAILED
} | count ||
    if grep -q 'No space left' "$log"; then
        fail "the disk is full: the packages take 1.5 GB and as much again while pip works. Make room, then run make again."
    else
        fail "pip could not install requirements.lock (is there a network?): $(grep '^ERROR' "$log" | tail -n 1). All of it: $log"
    fi

# Matplotlib tells on stderr when it makes its font cache, which must not end up in a notebook.
.venv/bin/python -c 'import matplotlib.font_manager' 2>>"$log" || fail "Matplotlib does not start; see $log"
# ipykernel warns on stderr about plain TCP at each start, although kernels listen on localhost only.
profile=.venv/ipython/profile_default
mkdir -p "$profile" && echo 'c.IPKernelApp.log_level = 40' >"$profile/ipython_kernel_config.py" ||
    fail "could not write $profile"
