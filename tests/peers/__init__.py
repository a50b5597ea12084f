"""Independent OCPP 1.6J peers for tests: a charger and a CSMS with switchable faults.

They follow the standard's behaviour catalogue and know nothing of the models or of the tool under
test, so that a tester can be tried against systems that were not derived from its own text.

As programs, each printing its addresses and running until it is terminated:

    python -m tests.peers.csms --tags tags.yaml
    python -m tests.peers.charger --csms ws://127.0.0.1:PORT --station CP1 --connectors 2

Inside a test, as contexts on free ports of 127.0.0.1:

    async with CSMS(CSMSSettings(tags=tags)) as csms:
        async with Charger(ChargerSettings(csms.url, faults=["CP-V1"])) as charger:
            ...  # csms.operator_url, charger.bench_url

`faults` holds the table of faults; `--list-faults` of either program prints it.
"""
