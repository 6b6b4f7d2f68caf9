# The built-in calendars, generated from a pinned release of a package that follows the official notices.
CHINESECALENDAR = 1.11.0

.PHONY: calendars
calendars: ## generate catalogue/calendars/cn.json anew
	python3 -m venv target/calendars
	target/calendars/bin/pip install --quiet --disable-pip-version-check chinesecalendar==$(CHINESECALENDAR)
	target/calendars/bin/python tools/calendar_cn.py catalogue/calendars/cn.json
