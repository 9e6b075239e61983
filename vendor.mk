# Files of other projects that are served or used in tests, kept in the repository so that nothing is fetched at run time.
# `make vendor` fetches them again in exactly these versions; only what is used is unpacked, with its licence.

VIS_NETWORK := 10.1.5
AXE_CORE := 4.14.1
DEJAVU := 2.37.3

.PHONY: vendor vendor-vis-network vendor-axe-core vendor-dejavu
vendor: vendor-vis-network vendor-axe-core vendor-dejavu

# dist/ is the build in one file that adds no style element to the page, which the Content-Security-Policy would refuse.
vendor-vis-network: OUT := web/static/vendor/vis-network
vendor-vis-network:
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	npm pack --silent --pack-destination "$$tmp" vis-network@$(VIS_NETWORK) >/dev/null; \
	tar -xzf "$$tmp"/vis-network-$(VIS_NETWORK).tgz -C "$$tmp" package/dist/vis-network.min.js package/LICENSE-MIT package/LICENSE-APACHE-2.0; \
	mkdir -p $(OUT); \
	cp "$$tmp"/package/dist/vis-network.min.js "$$tmp"/package/LICENSE-MIT "$$tmp"/package/LICENSE-APACHE-2.0 $(OUT)/; \
	echo $(VIS_NETWORK) > $(OUT)/VERSION

vendor-axe-core: OUT := tests/vendor/axe-core
vendor-axe-core:
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	npm pack --silent --pack-destination "$$tmp" axe-core@$(AXE_CORE) >/dev/null; \
	tar -xzf "$$tmp"/axe-core-$(AXE_CORE).tgz -C "$$tmp" package/axe.min.js package/LICENSE package/LICENSE-3RD-PARTY.txt; \
	mkdir -p $(OUT); \
	cp "$$tmp"/package/axe.min.js "$$tmp"/package/LICENSE "$$tmp"/package/LICENSE-3RD-PARTY.txt $(OUT)/; \
	echo $(AXE_CORE) > $(OUT)/VERSION

# The fonts of the printed dossier: Latin, Greek and Cyrillic letters in one file.  They are embedded into the PDF, never served.
vendor-dejavu: OUT := web/fonts/dejavu
vendor-dejavu:
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	npm pack --silent --pack-destination "$$tmp" dejavu-fonts-ttf@$(DEJAVU) >/dev/null; \
	tar -xzf "$$tmp"/dejavu-fonts-ttf-$(DEJAVU).tgz -C "$$tmp" package/ttf/DejaVuSans.ttf package/ttf/DejaVuSans-Bold.ttf package/LICENSE; \
	mkdir -p $(OUT); \
	cp "$$tmp"/package/ttf/DejaVuSans.ttf "$$tmp"/package/ttf/DejaVuSans-Bold.ttf "$$tmp"/package/LICENSE $(OUT)/; \
	echo $(DEJAVU) > $(OUT)/VERSION

# After a text in web/ was changed: collects the messages and updates the English catalogue (web/translations); then translate what is empty.
.PHONY: messages
messages:
	@mkdir -p build
	$(PYTHON_BIN)pybabel -q extract -F web/babel.cfg --no-location --sort-output --project innonet -o build/messages.pot web
	$(PYTHON_BIN)pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap -i build/messages.pot -d web/translations -l en
PYTHON_BIN ?= .venv/bin/
