# Each target sets up what it needs by itself: missing Debian packages (root or sudo), and the rest below
# target/. PG_CONFIG=/path/to/pg_config builds for and tests on a server other than the distribution's.
export PG_CONFIG SKIP MINUTES DESTDIR

.DEFAULT_GOAL := help
.PHONY: help all install uninstall test test-dates fuzz check demo demo-psql dashboards stop-dashboards bench deb reference book release next stop clean-demo

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-15s %s\n' "$$name" "$$what"; done

all: ## build the extension for the server at hand, or that of PG_CONFIG
	@tools/install.sh release >/dev/null

install: ## put what `make all` has built into that server (as root)
	@tools/put.sh install

uninstall: ## remove it from there
	@tools/put.sh uninstall

test: ## run every test, on a throw-away server
	@tests/run

test-dates: ## run the tests on other days, in other zones (faketime)
	@tests/any_day

fuzz: ## feed the engine with mutated inputs, MINUTES=10
	@tools/fuzz.sh

check: ## check the formatting and the lints
	@tools/check.sh

demo: ## start a private server and grade real customers on it
	@demo/run

demo-psql: ## open psql on the demo
	@tools/cluster.sh psql demo -d demo

dashboards: ## show the demo, or ADDRESS=…, in Apache Superset (network, some minutes the first time)
	@integrations/superset/run start

stop-dashboards: ## stop Superset
	@integrations/superset/run stop

bench: ## measure against what one would write by hand
	@bench/run

deb: ## pack the extension as a Debian package for the server at hand
	@tools/deb.sh

reference: ## write docs/reference from the COMMENTs
	@tools/reference.sh

book: ## make a site of docs, target/book (mdBook)
	@tools/book.sh

release: ## freeze the working version, VERSION=0.1.0, before it is tagged
	@tools/release.sh freeze "$(VERSION)"

next: ## begin the version after it, VERSION=0.2.0
	@tools/release.sh next "$(VERSION)"

stop: ## stop the demo's server
	@tools/cluster.sh stop demo

clean-demo: ## stop the demo's server and delete its data
	@tools/cluster.sh remove demo

include tools/calendars.mk
