# The built-in calendars, generated from pinned releases of packages. Both targets need the network.
CALENDAR_PACKAGES = chinesecalendar==1.11.0 holidays==0.109
CALENDAR_CHECKS = lunar_python==1.4.8 workalendar==17.0.0

.PHONY: calendars check-calendars
target/calendars: tools/calendars.mk
	python3 -m venv target/calendars
	target/calendars/bin/pip install --quiet --disable-pip-version-check $(CALENDAR_PACKAGES) $(CALENDAR_CHECKS)
	touch target/calendars

calendars: target/calendars ## generate catalogue/calendars anew (network)
	target/calendars/bin/python -B tools/calendar_cn.py catalogue/calendars
	target/calendars/bin/python -B tools/calendar_countries.py catalogue/calendars

check-calendars: ## compare the calendars with independent packages (network)
	@tools/calendar_check.sh
