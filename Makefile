# Everything a newcomer needs: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help install run test check check-content evaluate benchmark benchmark-nlu benchmark-safety benchmark-clarity adapt lock clean

UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
STIPPLE := .venv/bin/stipple

help:
	@echo "make run            start Stipple with an invented demo clinic"
	@echo "make test           run every check and test"
	@echo "make check          lint, format, types and content only"
	@echo "make check-content  check the clinic's content files"
	@echo "make evaluate       play the cases in tests/conversations through the whole stack"
	@echo "make benchmark      measure start-up, memory and CPU time per turn"
	@echo "make benchmark-nlu  compare the understanding with stock Rasa and spaCy (half an hour)"
	@echo "make benchmark-safety  how many danger signs the screen finds, and how many false alarms it raises"
	@echo "make benchmark-clarity  how quick the staff pages are with a million messages (fills two databases first)"
	@echo "make adapt          learn the encoders' adapters again, after many new phrases (needs PyTorch, four hours)"

install: .venv/.installed engine/.venv/.installed

.tools/bin/uv:
	@echo "Getting uv, the Python package manager."
	@python3 -m venv .tools 2>/dev/null || python3 -m venv --without-pip .tools || \
		{ echo "Python's venv module is missing: install it (on Debian: apt-get install python3-venv)"; exit 1; }
	@.tools/bin/python -m pip --version >/dev/null 2>&1 || \
		{ echo "pip is missing: install it (on Debian: apt-get install python3-venv)"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.installed: pyproject.toml uv.lock .python-version | $(filter .tools/bin/uv,$(UV))
	@echo "Installing the application's environment (Python 3.13)."
	@$(UV) sync --quiet --frozen --compile-bytecode || \
		{ echo "Python 3.13 is needed and could not be installed; see the lines above."; exit 1; }
	@touch $@

engine/.venv/.installed: engine/pyproject.toml engine/uv.lock engine/.python-version | $(filter .tools/bin/uv,$(UV))
	@echo "Installing the engine's environment (Python 3.10, about 3 GB)."
	@$(UV) --directory engine sync --quiet --frozen --compile-bytecode || \
		{ echo "Python 3.10 is needed and could not be installed; see the lines above."; exit 1; }
	@touch $@

run: install
	@$(STIPPLE) run

test: check
	@$(STIPPLE) train
	@.venv/bin/python -m pytest

check: install
	@.venv/bin/pre-commit run --all-files

check-content: install
	@$(STIPPLE) content check

evaluate: install
	@$(STIPPLE) evaluate tests/conversations

benchmark: install
	@.venv/bin/python -m benchmarks.stack

benchmark-nlu: install
	@.venv/bin/python -m benchmarks.understanding

benchmark-safety: install
	@.venv/bin/python -m benchmarks.safety

benchmark-clarity: install
	@.venv/bin/python -m benchmarks.clarity

adapt: install
	@$(UV) run --no-project --python .venv/bin/python --with torch --with numpy --with pyyaml --with safetensors --with tokenizers --with scikit-learn --with onnxruntime \
		python -m training.adapt_encoder

lock:
	@$(UV) lock && $(UV) --directory engine lock

clean:
	rm -rf .venv engine/.venv .tools models var
