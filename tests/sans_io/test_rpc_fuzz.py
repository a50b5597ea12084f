"""Whatever a peer sends, a session answers with facts."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.ocpp.facts import Malformed
from ocpp_verify.ocpp.flood import FloodLimit
from ocpp_verify.ocpp.rpc import Session

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.tuples(
    st.sampled_from((2, 3, 4, 5, "2", None)),
    st.sampled_from(("m1", "m2", "a", "", 7)) | JSON,
    st.lists(JSON | st.sampled_from(("Heartbeat", "NotSupported", {})), max_size=4),
).map(lambda parts: json.dumps([parts[0], parts[1], *parts[2]]))
FRAMES = st.text() | st.binary() | JSON.map(json.dumps) | NEARLY | st.text('[]{}",:\\u0dD8eE+-.')


@given(st.lists(FRAMES, max_size=8))
@settings(max_examples=300)
def test_no_frame_raises(frames: list[str | bytes]) -> None:
    session = Session()
    for number in range(3):
        session.call("ClearCache", {"n": number}, now=0.0)
    for at, frame in enumerate(frames, start=1):
        facts = session.receive(frame, now=float(at))
        assert facts
        assert len(session.outstanding) <= 1
    session.tick(100.0)
    session.connection_lost(101.0)
    assert session.outstanding == ()


@given(JSON)
def test_a_valid_call_is_never_malformed(value: object) -> None:
    text = json.dumps([2, "a", "Foo", {"x": value}])
    malformed = [f for f in Session().receive(text, now=0.0) if isinstance(f, Malformed)]
    # json.dumps writes NaN and Infinity, which JSON does not have.
    assert not malformed or "NaN" in text or "Infinity" in text


@given(st.lists(FRAMES, max_size=6))
def test_raw_frames_leave_as_they_came(frames: list[str | bytes]) -> None:
    session = Session()
    for frame in frames:
        session.send_raw(frame, now=0.0)
    assert session.take_outbox() == frames


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.floats(0.1, 20))
def test_a_flood_is_reported_once_per_burst(
    times: list[float], messages: int, seconds: float
) -> None:
    limit = FloodLimit(messages, seconds)
    was_over = False
    seen: list[float] = []
    for now in sorted(times):
        seen.append(now)
        over = len(seen) > messages and now - seen[-messages - 1] <= seconds
        flood = limit.count(now)
        assert (flood is not None) == (over and not was_over)
        was_over = over
