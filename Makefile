# One command per wish; each makes .venv first where it is missing. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The demo site and sign-in without a second factor; for real use: make run PACA_DEMO=0
PACA_DEMO ?= 1
CAMERA ?=

.DEFAULT_GOAL := list
.PHONY: list venv run test bench soak lint audit weights words

list:
	@echo "make run     start PACA on this machine (CAMERA=<rtsp/http address or file> adds a camera; Ctrl-C stops)"
	@echo "make test    all tests"
	@echo "make lint    formatting, types, import directions, templates, migrations, settings"
	@echo "make audit   known vulnerabilities of the installed packages (asks an advisory service; says so where none answers)"
	@echo "make bench   measure this machine, write docs/performance.md"
	@echo "make soak    300 faults on one of four cameras (about 40 minutes): does it come back, do others notice, does it leak"
	@echo "make weights train paca-seg anew from the shared data folder (three hours and a half on two cores)"
	@echo "make words   bring the catalogue of translations (paca_site/locale/) up to date; needs GNU gettext"
	@echo "make venv    only build .venv"

venv: $(VENV)/.paca-dev

# What runs.
$(VENV)/.paca-run: requirements.txt requirements-lean.txt inference/requirements-edge.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "PACA needs Python 3.11 or newer; $(PYTHON) is %d.%d. Give one: make run PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv)."; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what PACA runs on (1.7 GB, a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-lean.txt
	@touch $@

# What tests and checks, on top of it.
$(VENV)/.paca-dev: $(VENV)/.paca-run requirements-dev.txt
	@echo "Installing what tests PACA ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Exported, not written into the recipe: an address may hold quotes, $$ and &.
run: export PACA_DEMO := $(PACA_DEMO)
run: export PACA_CAMERA = $(value CAMERA)
run: $(VENV)/.paca-run
	@exec $(BIN)/python manage.py up

# What the pages say goes into paca_site/locale/; fill in what is missing there and run it again: it compiles, too.
words: export DATABASE_URL := postgresql:///words
words: export REDIS_URL := unix:///words
words: $(VENV)/.paca-dev
	$(BIN)/python manage.py makemessages -l nb --no-location -i .venv -i tests -i docs
	$(BIN)/python manage.py makemessages -l nb --no-location -i .venv -i tests -i docs -d djangojs
	$(BIN)/python manage.py compilemessages -i .venv

# A test in a browser may fail once on a machine that does other things; it is told as RERUN, and twice is a failure.
test: $(VENV)/.paca-dev
	$(BIN)/python -m pytest -m "not e2e" -n 2 --dist loadfile
	$(BIN)/python -m pytest -m e2e --reruns 1 -rR

# The last step needs Chromium and skips, saying so, without it.
bench: $(VENV)/.paca-dev
	@rm -rf var/bench && mkdir -p var/bench
	$(BIN)/python -m inference bench masking $(if $(BESIDE),--beside $(BESIDE)) --json var/bench/masking.json
	$(BIN)/python -m inference bench detection --json var/bench/detection.json
	$(BIN)/python -m inference bench streams --json var/bench/streams.json
	$(BIN)/python -m tests.e2e.latency --json var/bench/line.json || echo "What an operator waits for was not measured."
	$(BIN)/python -m inference.commands.performance var/bench docs/performance.md

# CYCLES=12 is a short one. Fails where something leaks, is late or harms another camera.
soak: $(VENV)/.paca-dev
	$(BIN)/python -m tests.soak --cycles $(or $(CYCLES),300) --json var/soak.json

# Everything that the shipped masking weights are made of, in order; nncf quantises and is needed for nothing else.
MASKING := inference/training/masking
weights: $(VENV)/.paca-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check nncf
	$(BIN)/python -m inference.training.simulation.dataset --out runs/simulated-1 --frames 800 --seed 5
	$(BIN)/python -m inference.training.simulation.dataset --out runs/simulated-2 --frames 500 --seed 101
	$(BIN)/python -m inference.training.masking.backgrounds --out runs/backgrounds \
		--clips ../shared/data/videos ../shared/data/ucsd-ped2/train
	$(BIN)/python -m inference train masking --config $(MASKING)/paca-seg.toml --out runs/paca-seg-1
	$(BIN)/python -m inference train masking --config $(MASKING)/paca-seg-2.toml --out runs/paca-seg-2
	$(BIN)/python -m inference.training.masking.export --checkpoint runs/paca-seg-2/last.pt \
		--calibration ../shared/data/people/train/human/images --out inference/weights/paca-seg

lint: $(VENV)/.paca-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint
	@# as behind https; nothing is connected to (that migrations are complete is a test: it needs the database)
	DATABASE_URL=postgresql:///lint REDIS_URL=unix:///lint PACA_HTTPS=1 \
		PACA_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# Fails on a known vulnerability that tests/dependency_audit.toml does not accept, and on an entry there past its day.
audit: $(VENV)/.paca-dev
	$(BIN)/python -m tests.dependency_audit
