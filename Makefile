# Two commands: `make demo` shows Penset at work, `make test` checks everything. Both set up what they need.
# Variables: PYTHON (3.11 or newer), MODEL (what the demo fine-tunes; none skips), PORT (where the demo serves),
# CHROMIUM (a browser for the tests), PIP_TORCH (pip's options for torch, such as an index of CPU builds), PROCESSES
# (how many run the tests of the rooms; two more have a browser each, and one has the models).

PYTHON ?= python3
MODEL ?=
PORT ?= 8000
PIP_TORCH ?=
PROCESSES ?= 2
TORCH = torch==2.13.0
SOURCES = app migrations tests benchmarks

export UV_PYTHON_DOWNLOADS = never
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONUNBUFFERED = 1
# Compiled once, as it is first imported (by one process, in .venv/ready), not by each of the hundreds that the demo and
# the tests begin; and no installer compiles all that nobody imports.
export PYTHONDONTWRITEBYTECODE =

WITH_TRAINING = $(if $(filter none,$(MODEL)),,.venv/torch)
# Files of tests are dealt out in their order, long ones first.
DEALT = --dist loadfile --no-loadscope-reorder
WITH_BROWSER = tests/browser tests/frontend
# What trains, answers or starts several runs: two processes load the libraries, one so that the others are forked from it.
WITH_MODELS = tests/training/worker tests/training/test_jobs.py tests/datasets/formats/test_trainers.py \
	tests/browser/test_playground.py tests/browser/test_story.py
COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate

.PHONY: demo demo-reset test tests-rooms tests-browser tests-models check static browser lock audit sbom screenshots qlora ray clean

demo: .venv/ready $(WITH_TRAINING)
	@.venv/bin/penset demo --port $(PORT) $(if $(MODEL),--model $(MODEL))

demo-reset: .venv/ready $(WITH_TRAINING)
	@.venv/bin/penset demo --reset --port $(PORT) $(if $(MODEL),--model $(MODEL))

# Everything, as CI runs it, at once what needs other things, so that only one process loads the training libraries, and
# a core has always something to do: while torch is brought, the types are checked.
test:
	@$(MAKE) --no-print-directory -j4 static tests-rooms tests-browser tests-models

tests-rooms: .venv/ready .venv/torch
	.venv/bin/pytest -q -n $(PROCESSES) $(DEALT) $(addprefix --ignore=,$(WITH_BROWSER) $(WITH_MODELS))

tests-browser: .venv/ready .venv/torch browser
	.venv/bin/pytest -q -n 2 $(DEALT) $(WITH_BROWSER) $(addprefix --ignore=,$(WITH_MODELS))

tests-models: .venv/ready .venv/torch browser
	.venv/bin/pytest -q $(WITH_MODELS)

# For daily work: all but the browser and the training.
check: static .venv/ready .venv/torch
	.venv/bin/pytest -n $(PROCESSES) $(DEALT) -m "not browser and not training"

# Types and layers read what comes with torch, but not torch.
static: .venv/train
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/djlint --lint templates
	.venv/bin/mypy --strict $(SOURCES)
	.venv/bin/lint-imports --no-logo

# After Python, which may have to be installed as well.
browser: | .venv/installed
	@sh scripts/ensure_chromium.sh

.venv/installed: requirements-uv.txt requirements.txt requirements-dev.txt pyproject.toml
	@sh scripts/ensure_python.sh $(PYTHON)
	@echo "Setting up .venv: Penset and its tools."
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install -q --no-compile --require-hashes -r requirements-uv.txt
	@sh scripts/install.sh --require-hashes -r requirements.txt -r requirements-dev.txt
	@sh scripts/install.sh --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready: .venv/installed
	@.venv/bin/python -c "import app.main"
	@touch $@

.venv/train: .venv/installed requirements-train.txt tests/datasets/formats/readers.txt
	@echo "Setting up .venv: the training libraries."
	@sh scripts/install.sh --require-hashes --no-deps -r requirements-train.txt
	@sh scripts/install.sh --require-hashes --no-deps --upgrade --target .venv/readers -r tests/datasets/formats/readers.txt
	@touch $@

# With pip and without hashes: builds for a CPU, for CUDA and for ROCm are different files of one version.
.venv/torch: .venv/train
	@echo "Setting up .venv: $(TORCH)."
	@.venv/bin/pip install -q --no-compile $(PIP_TORCH) $(TORCH)
	@touch $@

# A Ray cluster of one machine, for its test and to try it; nothing else asks for it.
ray: .venv/ray

.venv/ray: .venv/torch requirements-ray.txt
	@echo "Setting up .venv: Ray."
	@sh scripts/install.sh --require-hashes --no-deps -r requirements-ray.txt
	@touch $@

# What holds a base model in 4 bits, for its test and to try it; nothing else asks for it.
qlora: .venv/qlora

.venv/qlora: .venv/torch requirements-qlora.txt
	@echo "Setting up .venv: bitsandbytes."
	@sh scripts/install.sh --require-hashes --no-deps -r requirements-qlora.txt
	@touch $@

# Resolve again after a change of pyproject.toml. The files name no index, so every mirror serves them.
lock: .venv/ready
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --group setup -c requirements-dev.txt -o requirements-uv.txt
	$(COMPILE) --group audit -o requirements-audit.txt
	cp requirements-train.txt .venv/train.txt
	$(COMPILE) --extra train pyproject.toml -c requirements.txt -o .venv/train.txt
	awk '/^[a-z]/ { kept = !/^(torch==|nvidia-|cuda-|triton==)/ } kept' .venv/train.txt > requirements-train.txt
	$(COMPILE) --extra ray pyproject.toml -c requirements.txt -c requirements-train.txt -o requirements-ray.txt
	$(COMPILE) --extra qlora pyproject.toml -c requirements.txt -c requirements-train.txt -o .venv/qlora.txt
	awk '/^[a-z]/ { kept = /^bitsandbytes==/ } kept' .venv/qlora.txt > requirements-qlora.txt

# Known weaknesses of what is pinned (asks the network; scripts/audit_exceptions.txt), and an inventory of it.
audit: .venv/audit/ready
	@.venv/bin/python scripts/audit.py

sbom: .venv/ready
	@.venv/bin/python scripts/sbom.py > sbom.json
	@echo "sbom.json"

# In an environment of its own, so that what it needs is not what it audits.
.venv/audit/ready: .venv/ready requirements-audit.txt
	@$(PYTHON) -m venv .venv/audit
	@.venv/audit/bin/pip install -q --require-hashes -r requirements-audit.txt
	@touch $@

screenshots: .venv/ready browser
	.venv/bin/python scripts/screenshots.py

# The data folder stays.
clean:
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf "/dev/shm/penset-tests-$$(id -u)/$$(echo '$(CURDIR)' | sed 's,^/,,; s,/,--,g')"
	find app migrations tests benchmarks scripts -name __pycache__ -prune -exec rm -rf {} +
