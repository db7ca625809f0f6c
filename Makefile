# The verbs are the same for people and for CI. `make` alone lists them.
BIN := .venv/bin
SOURCES := _config.yml _toc.yml references.bib pyproject.toml requirements.txt requirements-lab.txt \
           LICENSE LICENSE-TEXT $(wildcard studies/*.json) \
           $(shell find chapters dropoutbook site vendor -name __pycache__ -prune -o -print)
NOTEBOOKS ?= $(sort $(wildcard chapters/*.ipynb))
PORT ?= 8000
ROWS ?=
STUDY ?=
WINGS ?=
SEED ?= $(shell od -An -N2 -tu2 /dev/urandom)
SEED := $(strip $(SEED))

# Results must depend neither on the number of cores nor on the reader's own settings.
export OMP_NUM_THREADS := 1
unexport OPENBLAS_CORETYPE
export IPYTHONDIR := $(CURDIR)/.venv/ipython
export MPLCONFIGDIR := $(CURDIR)/.venv/matplotlib

# The same commit makes the same bytes: what writes a date writes that of the commit.
ifndef SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null || date -r Makefile +%s)
endif
export SOURCE_DATE_EPOCH

.DELETE_ON_ERROR:
.PHONY: help book test portable shuffle mutants execute study serve lab pdf audit bench dist same lock clean whole-venv

help:  ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 16

book: _build/book.ok  ## build the HTML book into _build/html
	@echo "The book: $(CURDIR)/_build/html/index.html"

test: .venv/ready  ## check style, code, stored outputs, and the built pages
	@MAKE="$(MAKE)" $(BIN)/python tools/check.py

portable: .venv/ready  ## compare the outputs with those of a CPU without vector instructions
	@ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE \
		$(BIN)/python tools/check.py "notebook cells"

shuffle: .venv/ready  ## run the unit tests in a random order, under a random hash seed (SEED=7 for one)
	@echo "make shuffle SEED=$(SEED)"
	@PYTHONHASHSEED=$(SEED) PYTEST_ADDOPTS="-p randomly --randomly-seed=$(SEED)" \
		$(BIN)/python tools/check.py "unit tests"

mutants: .venv/ready  ## plant faults in the code, and count those that a test catches (WINGS="lab site" for some)
	@$(BIN)/python tools/mutate.py $(WINGS)

execute: .venv/ready  ## run the notebooks and store their outputs (NOTEBOOKS="chapters/x.ipynb" for some)
	@$(BIN)/python tools/execute.py $(NOTEBOOKS)

study: .venv/ready  ## carry out an experiment that is too long for a page (STUDY=mnist), or list them
	@$(BIN)/python -m studies $(STUDY)

serve: book  ## show the book on http://localhost:8000 (PORT=...)
	@$(BIN)/python -c "import socket; socket.create_server(('localhost', $(PORT))).close()" 2>/dev/null || \
		{ echo "error: port $(PORT) is in use; name another: make serve PORT=8001" >&2; exit 1; }
	@$(BIN)/python -m http.server --bind localhost --directory _build/html $(PORT)

bench: .venv-peers/ready  ## time the layers against other libraries (ROWS="dropout lstm" for some)
	@TORCHINDUCTOR_COMPILE_THREADS=1 PYTHONPATH=.venv-peers $(BIN)/python -m benchmarks $(ROWS)

lab: .venv/lab  ## open the notebooks in JupyterLab (installs it the first time, 100 MB)
	@$(BIN)/jupyter lab --ServerApp.root_dir=chapters

pdf: _build/book.ok  ## print the whole book into _build/dropout-book.pdf
	@$(BIN)/python tools/pdf.py

audit: _build/book.ok  ## measure weight, speed and accessibility of the pages into audit/
	@$(BIN)/python tools/audit.py

dist: .venv/ready  ## build the sdist, and from it the wheel, into _build/dist
	@rm -rf _build/dist
	@$(BIN)/python -c "from flit_core import buildapi; buildapi.build_sdist('_build/dist')"
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--wheel-dir _build/dist _build/dist/*.tar.gz
	@ls _build/dist/*

same: .venv/ready  ## build all twice from nothing, in two places, and compare every byte
	@MAKE="$(MAKE)" $(BIN)/python tools/same.py

# Of all wheels of each version, for every system. torch is left to the index that a reader chooses: tools/setup.sh
lock:  ## write the hashes of what requirements.txt and requirements-lab.txt name
	@for name in requirements requirements-lab; do \
		$(BIN)/uv pip compile --quiet --generate-hashes --no-deps --universal --python-version 3.11 \
			--only-binary :all: --no-emit-package torch --no-annotate --no-header \
			--output-file $$name.lock $$name.txt || exit 1; \
	done

clean:  ## delete what was built; .venv and .venv-peers stay
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Always from nothing: Jupyter Book's caches do not see changes in dropoutbook/. Beside the old book,
# which stays whole until the new one is.
_build/book.ok: $(SOURCES) .venv/ready
	@rm -rf _build/new
	@echo "building the book"
	@$(BIN)/jupyter-book build -q -W -n --keep-going --path-output _build/new . >/dev/null  # warnings and errors come on stderr
	@rm -rf _build/html _build/.doctrees
	@mv _build/new/_build/html _build/new/_build/.doctrees _build
	@rm -rf _build/new
	@touch $@

# Beside .venv, not in it, and without what they depend on: no peer can replace the book's PyTorch.
.venv-peers/ready: benchmarks/requirements-peers.txt .venv/ready
	@rm -rf .venv-peers && mkdir .venv-peers
	@for peer in $$(sed 's/#.*//' benchmarks/requirements-peers.txt); do \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .venv-peers \
		$$peer || echo "absent: $$peer"; \
	done
	@touch $@

.venv/lab: requirements-lab.lock .venv/ready
	@echo "installing JupyterLab"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r $<
	@touch $@

.venv/ready: .venv/packages pyproject.toml | whole-venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# A folder that was moved or copied takes .venv along, with the old place in it.
whole-venv:
	@[ ! -e .venv/ready ] || { [ "$$(cat .venv/place)" = "$(CURDIR)" ] && .venv/bin/python -c ''; } 2>/dev/null || \
		{ echo "error: .venv was made for another folder, or its Python is gone: rm -rf .venv, then run make again" >&2; exit 1; }

.venv/packages: requirements.txt requirements.lock tools/setup.sh | whole-venv
	@PYTHON="$(PYTHON)" sh tools/setup.sh
	@touch $@
