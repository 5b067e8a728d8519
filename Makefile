# The few tasks. scripts/dev.py does the work, so that they also run where make is missing: python scripts/dev.py test
.PHONY: help demo test bench live simulate lint lowest djstripe check lock messages
.DEFAULT_GOAL := help

help demo test bench live simulate lint lowest djstripe check lock messages:
	@python3 scripts/dev.py $@ $(ARGS)
