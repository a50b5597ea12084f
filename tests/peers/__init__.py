"""Independent OCPP 1.6J peers for tests: a charger and a CSMS with switchable faults.

They follow the standard's behaviour catalogue and know nothing of the models or of the tool under
test, so that a tester can be tried against systems that were not derived from its own text.
"""
