# make demo   set everything up, open the control room of a virtual operator
# make test   set everything up, run every test
# make help   the rest
#
# Needs Go 1.26, Node 20.19 or later and make. What else is needed is fetched
# from the Go modules, npm and, for tests, Debian packages.

export CGO_ENABLED := 0
export GOFLAGS := -trimpath
.DELETE_ON_ERROR:

BIN     := bin/sluice
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo development)
GO_SRC  := $(shell find . -name '*.go' -not -path './ui/node_modules/*') go.mod go.sum
STAMP   := ui/node_modules/.package-lock.json
TAKEN   := solve/highs.wasm replay/report/echarts.min.js
BUILT   := $(TAKEN) ui/dist/index.html ui/dist/licences.json
UI_SRC  := $(shell find ui/src -type f -not -path 'ui/src/api/*.json' -not -name schema.d.ts) ui/index.html ui/vite.config.ts ui/tsconfig.json
LINT    := 2.15.0

# How long each parser is fuzzed, and how many at once.
FUZZTIME    ?= 2m
FUZZWORKERS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: bench-capital story bench-ui test-ui test-gpu test-kueue bench-hosting fuzz simulate powerloss help build demo test quick check bench bench-replay bench-control bench-books bench-peers test-peers tools debian node clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

build: $(BIN) ## bin/sluice
STORY := $(addprefix cmd/sluice/story/bayou.,jsonl.gz backtest.gz books.gz)
$(BIN): $(BUILT) $(STORY) $(GO_SRC) $(shell find data driver/sitefile/example driver/quotefile/example gpu/catalogue use/mining/catalogue replay/report -type f -not -name '*.go' 2>/dev/null)
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/sluice

# What the sites of the demonstration did before it begins. It is replayed once; make
# story does so again.
$(STORY) &: | $(BUILT)
	@$(MAKE) --no-print-directory story
story: $(BUILT) ## replay the history of the demonstration again
	go run ./cmd/sluice demo --record cmd/sluice/story

demo: $(BIN) ## open the control room of a virtual operator on localhost; DEMO=--once replays and reports instead
	./$(BIN) demo $(DEMO)

# What the build takes from npm: the solver, the chart library, and what the pages of
# the control room are built with.
node:
	@node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a==20&&b>=19||a==22&&b>=12||a>22?0:1)' 2>/dev/null || \
	{ echo "make: Node 20.19 or later is needed and was not found (node -v: $$(node -v 2>&1)); see https://nodejs.org"; exit 1; }
$(STAMP): ui/package.json ui/package-lock.json | node
	cd ui && npm ci --no-audit --no-fund
	@touch $@
solve/highs.wasm: $(STAMP)
	go run ./internal/highs ui/node_modules/highs/build solve
	@touch $@
replay/report/echarts.min.js: $(STAMP)
	cp ui/node_modules/echarts/dist/echarts.min.js $@.new && mv $@.new $@

# The pages are made from the description of the interface, which the program prints.
bin/openapi.json: $(GO_SRC) | $(TAKEN)
	@mkdir -p bin
	go run ./internal/openapi > $@.new && mv $@.new $@
ui/src/api/openapi.json: bin/openapi.json
	@cmp -s $< $@ || cp $< $@
ui/dist/index.html: $(UI_SRC) ui/src/api/openapi.json $(STAMP)
	cd ui && npm run build
	@touch $@
# The licences of all that is in the program, among its pages.
ui/dist/licences.json: ui/dist/index.html go.mod go.sum internal/licences/main.go
	go run ./internal/licences ./cmd/sluice ui > $@.new && mv $@.new $@

quick: $(BUILT) ## the pure packages, in seconds
	go vet ./unit ./series ./site ./power ./use/... ./books/... ./device ./loop/...
	go test -short ./unit ./series ./site ./power ./use/... ./books/... ./device ./loop ./loop/observe ./loop/actuate ./loop/verify ./loop/settle ./world ./internal/law

debian: ## what the tests take from Debian: an independent solver, a browser, a font, a Prometheus, PostgreSQL, two bookkeepers, a reader of PDF, Slurm
	@./.ci/debian python3-scipy chromium fonts-noto-core prometheus postgresql-15 hledger beancount poppler-utils \
		slurm-wlm slurmctld slurmd slurmdbd slurmrestd slurm-client munge mariadb-server
test: debian $(BUILT) $(BIN) ## everything
	go vet ./...
	cd ui && npm test
	go test -count=1 ./internal/law
	go test -timeout 20m $$(go list ./... | grep -vE '/(live|driver/slurm|cmd/sluice|test/room)$$')
	go test -timeout 40m -p 1 ./live ./driver/slurm ./cmd/sluice ./test/room # against the clock, so by themselves
	./$(BIN) demo --once >/dev/null

tools: ## the linter, from the Go modules
	@golangci-lint version 2>/dev/null | grep -q $(LINT) || go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT)
check: tools $(BUILT) ## lint, modernise, race detector, known vulnerabilities, every parser fuzzed for FUZZTIME
	PATH="$$(go env GOPATH)/bin:$$PATH" golangci-lint run ./...
	go fix -diff ./...
	CGO_ENABLED=1 go test -race -short -timeout 20m ./...
	@./.ci/vulnerable
	$(MAKE) fuzz
fuzz: $(BUILT) ## every parser fuzzed for FUZZTIME (2m), on FUZZWORKERS cores (all)
	go run ./internal/fuzz -time $(FUZZTIME) -workers $(FUZZWORKERS)

bench: $(BUILT) ## every benchmark, with its yardstick in the same run
	go run ./internal/bench all
bench-replay: $(BUILT) ## the figures of the replay
	go run ./internal/bench replay

bench-control: $(BUILT) ## a hundred thousand virtual machines commanded, twenty thousand polled; beside pyasic where .venv/pyasic exists
	go run ./internal/bench control

bench-hosting: debian $(BUILT) $(BIN) ## a year with a GPU hall against a fixed share and mining alone, who loses least, engines timed, the worked quote
	SLUICE_KUEUE=$$(./test/kueue/build -where 2>/dev/null || true) go run ./internal/bench hosting

bench-ui: debian $(BUILT) $(BIN) ## the control room with 100,000 machines, 200 sites and 200 viewers for ten minutes, and its first page in a browser
	go run ./internal/bench ui
test-ui: debian $(BUILT) $(BIN) ## every screen in three languages and two schemes in a real browser, and what is done there by clicks; pictures in bin/screens
	cd ui && npm test
	SLUICE_SCREENS=$(CURDIR)/bin/screens go test -count=1 -timeout 20m -v ./test/room ./test/words

bench-books: debian $(BUILT) ## a million deliveries rated and posted, a month of fifty sites closed, kills, planted errors
	go run ./internal/bench books

bench-capital: debian $(BUILT) $(BIN) ## the announced conversion worked out, 10,000 futures of twenty sites, the same in NumPy, bands held against the past, portfolio, ties
	go run ./internal/bench capital

test-kueue: $(BUILT) ## the Kueue driver against a real control plane, built from Go modules the first time (minutes)
	at=$$(./test/kueue/build) && SLUICE_KUEUE=$$at go test -count=1 -p 1 -v -timeout 20m -run 'Real|Plane' ./internal/kueue ./driver/kueue

test-gpu: ## read a real NVIDIA GPU, lower its power limit and put it back; says SKIPPED without one
	SLUICE_GPU=1 SLUICE_GPU_LIMIT=1 CGO_ENABLED=$$(command -v gcc >/dev/null && echo 1 || echo 0) go test -count=1 -v -run '^TestRealGPU' ./driver/gpu/node
bin/sluice-gpu: $(GO_SRC) $(shell find gpu/catalogue -type f) ## the agent for nodes with GPUs
	CGO_ENABLED=$$(command -v gcc >/dev/null && echo 1 || echo 0) go build -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/sluice-gpu

test-peers: $(BUILT) $(BIN) ## the solver against highspy and PyPSA, the virtual miners against pyasic, the control room against schemathesis, from PyPI
	./test/peers/run test
	./test/peers/pyasic.sh
	./test/peers/asic_rs.sh
	./test/peers/room.sh
bench-peers: $(BUILT) ## the rolling replay against PyPSA, from PyPI
	./test/peers/run bench

simulate: $(BUILT) ## ten site-years of faults against the worst-case reservation, the policies that must fail, and a thousand stops
	go run ./internal/simulate -years 10 -seed 7
	SLUICE_STOPS=1000 go test -count=1 -run 'TestStopAtAnyMoment' ./live
powerloss: $(BUILT) ## a thousand power cuts under the store, and as many under a site that runs; needs /dev/fuse
	@mkdir -p bin && go build -o bin/cut ./internal/powerloss/cut && ./bin/cut -cuts 1000
	SLUICE_CUTS=1000 go test -count=1 -timeout 20m -v -run 'TestPowerLoss' ./live

clean: ## remove what was built
	rm -rf bin bench/out solve/highs.wasm solve/highs.json replay/report/echarts.min.js ui/node_modules ui/dist ui/src/api/openapi.json ui/src/api/schema.d.ts cmd/sluice/story/*.gz
