# Two commands: `make demo` shows the whole thing, `make test` tests it. Nothing but Python 3.11 or
# later with venv, and make, has to be there first.

PYTHON ?= python3
TOOLS := .tools
UV := $(TOOLS)/bin/uv
BIN := .venv/bin
DEMO := build/demonstration
AS_AT := 2026-04-15

# Byte code compiled once, at install, saves seconds in each of the many processes that follow.
export UV_COMPILE_BYTECODE := 1
export UV_PYTHON_DOWNLOADS := never
export DO_NOT_TRACK := 1

.PHONY: setup demo test check docs format serve clean

setup: $(BIN)/outcomes

$(UV):
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

$(BIN)/outcomes: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --quiet --python $(PYTHON)
	@touch $@

demo: setup
	@test -d $(DEMO) || { rm -rf $(DEMO).part && mkdir -p build \
	    && $(BIN)/outcomes sample $(DEMO).part --faults 0.002 --as-at $(AS_AT) \
	    && mv $(DEMO).part $(DEMO); }
	$(BIN)/outcomes refresh --returns $(DEMO)/returns --registry $(DEMO)/registry --build build --as-at $(AS_AT)
	@echo
	@echo "The site is in build/public. To read it in a browser: make serve"

serve: setup
	@echo "The site is at http://127.0.0.1:8000 (end with Ctrl-C)"
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory build/public

test: setup chromium java servers
	$(BIN)/pytest --numprocesses auto --dist loadfile

# Whole nights: a refresh is killed at many moments, the disk is full, a past release is made again.
# Some 25 minutes; fewer with, say, NIGHTS='-k daemon'.
NIGHTS ?=
.PHONY: test-nights
test-nights: setup
	$(BIN)/pytest --numprocesses auto -m nights tests/nights $(NIGHTS)

# The same models on Spark, every cell held against DuckDB's: installs the extra, some 500 MB.
# Java's quick compiler alone takes a quarter less of the processor in so short a run.
JAVA_BRIEF := -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m
.PHONY: test-spark
test-spark: setup java
	$(UV) sync --locked --quiet --inexact --extra spark
	JDK_JAVA_OPTIONS='$(JAVA_BRIEF)' $(BIN)/pytest -m spark tests/spark

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@mkdir -p build/lint
	cd dbt_project && OUTCOMES_WAREHOUSE=$(CURDIR)/build/lint/lint.duckdb \
	    ../$(BIN)/sqlfluff lint --disable-progress-bar models

# The pages of docs/reference that are made from the facts.
docs: setup
	$(BIN)/python -m orchestration.reference

# Pictures of the demonstration's pages, for docs/pictures.md: look at them before you keep them.
.PHONY: pictures
pictures: demo chromium
	$(BIN)/python docs/images/take_pictures.py

# The NHS.UK front end anew, from npm: only after a change of what is in site/vendor.
.PHONY: nhsuk
nhsuk:
	$(PYTHON) site/vendor/bring_nhsuk.py

# Judging beside a bare DuckDB script, pandera and Great Expectations: see docs/performance.md.
# pandera is installed for this alone, and goes again with the next `uv sync`.
.PHONY: bench-judging
bench-judging: setup
	$(UV) sync --locked --quiet --group bench
	$(BIN)/python -m benchmarks.judging

# 1,000 small returns beside one large one: see docs/performance.md.
.PHONY: bench-judging-many
bench-judging-many: setup
	$(BIN)/python -m benchmarks.judging_many

# 1,000 returns in one night, fifty of them bad: see docs/performance.md.
.PHONY: bench-night
bench-night: setup
	$(BIN)/python -m benchmarks.night

# From a county to a nation, the models beside a bare script: see docs/performance.md. SIZE is
# county, region or nation; more in BENCH, say BENCH='--memory 6GB --keep'.
SIZE ?= county
BENCH ?=
.PHONY: bench
bench: setup
	$(BIN)/python -m benchmarks.scale $(SIZE) $(BENCH)
	$(BIN)/python -m benchmarks.scale_report

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The browser of the tests is the system's own, Debian's package `chromium`.
.PHONY: chromium
chromium:
	@command -v chromium > /dev/null || { \
	    test "$$(id -u)" = 0 && command -v apt-get > /dev/null \
	    && apt-get update -qq > /dev/null && apt-get install -y -qq chromium > /dev/null; } \
	    || { echo "The tests need the browser chromium: install the package 'chromium'."; exit 1; }

# The HTML checker of the tests, and Spark, run on Java, Debian's package `default-jre-headless`.
.PHONY: java
java:
	@command -v java > /dev/null || { \
	    test "$$(id -u)" = 0 && command -v apt-get > /dev/null \
	    && apt-get update -qq > /dev/null \
	    && apt-get install -y -qq default-jre-headless > /dev/null; } \
	    || { echo "The tests need Java: install the package 'default-jre-headless'."; exit 1; }

# The tests of deploy/ run nginx and systemd's verifier, Debian's packages `nginx-light`, `systemd`.
.PHONY: servers
servers:
	@PATH="$$PATH:/usr/sbin"; { command -v nginx && command -v systemd-analyze \
	    && command -v openssl; } > /dev/null || { \
	    test "$$(id -u)" = 0 && command -v apt-get > /dev/null \
	    && apt-get update -qq > /dev/null \
	    && apt-get install -y -qq nginx-light systemd openssl > /dev/null; } \
	    || { echo "The tests need the packages 'nginx-light', 'systemd' and 'openssl'."; exit 1; }

clean:
	rm -rf build .venv $(TOOLS) .pytest_cache .mypy_cache .ruff_cache .hypothesis
