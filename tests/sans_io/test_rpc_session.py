"""One end of an OCPP-J conversation, without a socket and without a clock."""

import pytest

from ocpp_verify.ocpp.facts import (
    Answered,
    AnsweredWithError,
    BinaryFrame,
    Called,
    Deviation,
    DuplicateAnswer,
    DuplicateId,
    LateAnswer,
    Lost,
    Malformed,
    Overlapping,
    TimedOut,
    TooLong,
    Undelivered,
    UnknownType,
    Unmatched,
)
from ocpp_verify.ocpp.rpc import Session


def test_a_call_is_answered() -> None:
    session = Session()
    session.call("Reset", {"type": "Soft"}, now=1.0)
    assert session.take_outbox() == ['[2,"m1","Reset",{"type":"Soft"}]']
    facts = session.receive('[3,"m1",{"status":"Accepted"}]', now=1.5)
    assert facts == [Answered("m1", "Reset", {"type": "Soft"}, {"status": "Accepted"}, 0.5)]
    assert session.outstanding == ()


def test_one_call_is_outstanding_at_a_time() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    session.call("Reset", {"type": "Hard"}, now=0.0)
    assert len(session.take_outbox()) == 1
    assert [call.action for call in session.queued] == ["Reset"]
    session.receive('[3,"m1",{}]', now=0.1)
    assert session.take_outbox() == ['[2,"m2","Reset",{"type":"Hard"}]']
    assert session.outstanding[0].sent == 0.1


def test_calls_of_the_two_sides_cross() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    assert session.receive('[2,"c1","Heartbeat",{}]', now=0.1) == [Called("c1", "Heartbeat", {})]
    session.answer("c1", {"currentTime": "2026-01-01T00:00:00Z"})
    assert session.take_outbox()[1] == '[3,"c1",{"currentTime":"2026-01-01T00:00:00Z"}]'
    assert isinstance(session.receive('[3,"m1",{}]', now=0.2)[0], Answered)


def test_a_call_error_ends_the_call() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    facts = session.receive('[4,"m1","NotSupported","no cache",{"a":1}]', now=0.2)
    assert facts == [
        AnsweredWithError("m1", "ClearCache", {}, "NotSupported", "no cache", {"a": 1}, 0.2)
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('[4,"m1","NotSupported"]', "RPC-MSG-006"),
        ('[4,"m1","NotSupported","why"]', "RPC-MSG-006"),
        ('[4,"m1","NotSupported",null,{}]', "RPC-MSG-007"),
        ('[4,"m1","NotSupported","",null]', "RPC-MSG-007"),
        ('[4,"m1","FormatViolation","",{}]', "RPC-ERR-014"),
    ],
)
def test_an_odd_call_error_still_ends_the_call(text: str, rule: str) -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    deviation, answered = session.receive(text, now=0.2)
    assert isinstance(deviation, Deviation)
    assert deviation.rules == (rule,)
    assert isinstance(answered, AnsweredWithError)


def test_the_call_that_times_out_makes_way_for_the_next() -> None:
    session = Session(timeout=30.0)
    session.call("ClearCache", {}, now=0.0)
    session.call("Reset", {"type": "Soft"}, now=0.0)
    session.take_outbox()
    assert session.tick(29.9) == []
    assert session.next_deadline() == 30.0
    assert session.tick(30.0) == [TimedOut("m1", "ClearCache", {}, 30.0)]
    assert session.take_outbox() == ['[2,"m2","Reset",{"type":"Soft"}]']


def test_a_late_answer_has_no_effect_but_its_fact() -> None:
    session = Session(timeout=30.0)
    session.call("ClearCache", {}, now=0.0)
    session.tick(30.0)
    answer = '[3,"m1",{}]'
    assert session.receive(answer, 31.0) == [LateAnswer("m1", "ClearCache", answer, 31.0, False)]
    assert session.receive(answer, 32.0) == [DuplicateAnswer("m1", "ClearCache", answer)]


def test_an_answer_comes_once() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    session.receive('[3,"m1",{}]', now=0.1)
    again = '[4,"m1","GenericError","",{}]'
    assert session.receive(again, now=0.2) == [DuplicateAnswer("m1", "ClearCache", again)]


def test_an_answer_without_a_call_is_unmatched() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    session.call("Reset", {"type": "Soft"}, now=0.0)
    text = '[3,"m2",{}]'  # still in the queue: nobody can know its id
    assert session.receive(text, now=0.1) == [Unmatched("m2", text)]


def test_a_malformed_answer_ends_its_call() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    (fact,) = session.receive('[3,"m1",[]]', now=0.1)
    assert isinstance(fact, Malformed)
    assert fact.rules == ("RPC-MSG-005",)
    assert fact.ended is not None
    assert fact.ended.action == "ClearCache"
    assert session.tick(99.0) == []


def test_a_reused_id_is_reported() -> None:
    session = Session()
    session.receive('[2,"c","Heartbeat",{}]', now=0.0)
    session.answer("c", {})
    again, called = session.receive('[2,"c","Heartbeat",{}]', now=1.0)
    assert again == DuplicateId(
        "c",
        "Heartbeat",
        "Heartbeat",
        same_connection=True,
        in_progress=False,
        retransmission=False,
        rules=("RPC-ID-002",),
    )
    assert called == Called("c", "Heartbeat", {})


def test_an_id_of_an_earlier_connection_is_reported() -> None:
    session = Session()
    session.receive('[2,"c","Heartbeat",{}]', now=0.0)
    session.answer("c", {})
    session.connection_lost(now=1.0)
    session.connection_made(now=2.0)
    again = session.receive('[2,"c","Authorize",{}]', now=3.0)[0]
    assert isinstance(again, DuplicateId)
    assert again.rules == ("RPC-ID-003",)
    assert not again.same_connection


def test_a_retransmission_of_an_unanswered_call_breaks_no_rule() -> None:
    session = Session()
    text = '[2,"c","StopTransaction",{"transactionId":1}]'
    session.receive(text, now=0.0)
    session.connection_lost(now=1.0)
    session.connection_made(now=2.0)
    again = session.receive(text, now=3.0)[0]
    assert isinstance(again, DuplicateId)
    assert again.retransmission
    assert again.rules == ()


def test_another_payload_under_the_same_id_is_no_retransmission() -> None:
    session = Session()
    session.receive('[2,"c","StopTransaction",{"transactionId":1}]', now=0.0)
    again = session.receive('[2,"c","StopTransaction",{"transactionId":2}]', now=1.0)[0]
    assert isinstance(again, DuplicateId)
    assert again.in_progress
    assert again.rules == ("RPC-ID-002",)


def test_calls_of_a_lost_connection_do_not_overlap_with_new_ones() -> None:
    session = Session()
    session.receive('[2,"a","Heartbeat",{}]', now=0.0)
    session.connection_lost(now=1.0)
    assert session.unanswered == ()
    session.connection_made(now=2.0)
    assert session.receive('[2,"b","Heartbeat",{}]', now=3.0) == [Called("b", "Heartbeat", {})]


def test_equal_raw_calls_are_owed_one_answer_each() -> None:
    session = Session()
    for _ in range(2):
        session.send_raw('[2,"r","Foo",{}]', now=0.0)
    kinds = [type(session.receive('[3,"r",{}]', now=1.0)[0]) for _ in range(3)]
    assert kinds == [Answered, Answered, DuplicateAnswer]


def test_a_second_call_before_our_answer_overlaps() -> None:
    session = Session()
    session.receive('[2,"a","Heartbeat",{}]', now=0.0)
    overlapping, called = session.receive('[2,"b","Heartbeat",{}]', now=0.5)
    assert overlapping == Overlapping("b", "Heartbeat", ("a",), 0.5)
    assert isinstance(called, Called)
    session.answer("a", {})
    session.answer_error("b", "GenericError")
    assert [type(fact) for fact in session.receive('[2,"c","Heartbeat",{}]', now=1.0)] == [Called]


def test_what_was_in_flight_goes_with_the_connection() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    session.call("Reset", {"type": "Soft"}, now=0.0)
    session.answer("x", {})
    lost = session.connection_lost(now=1.0)
    assert [type(fact) for fact in lost] == [Lost, Lost, Undelivered]
    assert [fact.call.sent for fact in lost if isinstance(fact, Lost)] == [0.0, None]
    assert session.take_outbox() == []
    session.connection_made(now=2.0)
    assert session.take_outbox() == []
    late = session.receive('[3,"m1",{}]', now=3.0)[0]
    assert isinstance(late, LateAnswer)
    assert late.connection_lost


def test_a_call_waits_for_the_connection() -> None:
    session = Session()
    session.connection_lost(now=0.0)
    session.call("ClearCache", {}, now=1.0)
    assert session.take_outbox() == []
    session.connection_made(now=2.0)
    assert session.take_outbox() == ['[2,"m1","ClearCache",{}]']
    assert session.next_deadline() == 32.0


def test_raw_text_is_sent_as_it_is_and_its_answer_is_known() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    session.take_outbox()
    frames = ['[2,"r",  "Foo"]', "{not json", b"\x00", '[2,"r","Foo",{}]']
    for frame in frames:
        session.send_raw(frame, now=1.0)
    assert session.take_outbox() == frames
    first = session.receive('[4,"r","FormationViolation","",{}]', now=2.0)
    assert first == [AnsweredWithError("r", "Foo", None, "FormationViolation", "", {}, 1.0)]
    second = session.receive('[4,"r","NotImplemented","",{}]', now=2.0)
    assert second == [AnsweredWithError("r", "Foo", {}, "NotImplemented", "", {}, 1.0)]
    assert [call.id for call in session.outstanding] == ["m1"]


def test_a_raw_call_times_out_only_if_its_time_is_known() -> None:
    session = Session(timeout=10.0)
    session.send_raw('[2,"a","Foo",{}]')
    session.send_raw('[2,"b","Foo",{}]', now=0.0)
    assert session.tick(11.0) == [TimedOut("b", "Foo", {}, 11.0)]


def test_an_answer_may_be_sent_twice_and_to_nobody() -> None:
    session = Session()
    session.receive('[2,"a","Heartbeat",{}]', now=0.0)
    for _ in range(2):
        session.answer("a", {})
    session.answer("nobody", {})
    assert session.take_outbox() == ['[3,"a",{}]', '[3,"a",{}]', '[3,"nobody",{}]']


def test_a_payload_that_json_cannot_hold_is_refused_when_it_is_queued() -> None:
    session = Session()
    session.call("ClearCache", {}, now=0.0)
    with pytest.raises(TypeError):
        session.call("Reset", {"type": object()}, now=0.0)
    assert isinstance(session.receive('[3,"m1",{}]', now=0.1)[0], Answered)


def test_frames_that_are_not_looked_into() -> None:
    session = Session(max_size=20)
    assert session.receive(b"[]", now=0.0) == [BinaryFrame(b"[]")]
    assert session.receive("x" * 21, now=0.0) == [TooLong(21, 20, "x" * 21)]
    assert session.receive('[5,"a",{}]', now=0.0) == [UnknownType('[5,"a",{}]', 5)]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", ("RPC-MSG-001",)),
        ("[2,", ("RPC-MSG-001",)),
        ('[2,"a","A",{"x":NaN}]', ("RPC-MSG-001",)),
        ('[2,"a","A",{"x":-Infinity}]', ("RPC-MSG-001",)),
        ('[2,"a","\ud800",{}]', ("RPC-MSG-001",)),
        ("\ufeff[]", ("RPC-MSG-001",)),
        ('[2,"a","A",{"x":1e999}]', ()),
        ('[2,"a","A",{"x":' + "1" * 5000 + "}]", ()),
        ('[2,"a","A",' + '{"x":' * 70 + "1" + "}" * 70 + "]", ()),
        ("[" * 100_000, ()),
        ("[" * 100_000 + "]" * 100_000, ()),
        ("{}", ("RPC-MSG-002",)),
        ("[]", ("RPC-MSG-002",)),
        ('["2","a","A",{}]', ("RPC-MSG-002",)),
        ('[2.0,"a","A",{}]', ("RPC-MSG-002",)),
        ('[true,"a","A",{}]', ("RPC-MSG-002",)),
        ('[2,"a"]', ("RPC-MSG-004",)),
        ('[2,"a","A",{},{}]', ("RPC-MSG-004",)),
        ('[2,"a","A",[]]', ("RPC-MSG-004",)),
        ('[2,"a","A","{}"]', ("RPC-MSG-004",)),
        ('[2,"a",7,{}]', ("RPC-MSG-004",)),
        ('[2,12,"A",{}]', ("RPC-ID-001", "RPC-MSG-004")),
        ("[3]", ("RPC-MSG-005",)),
        ("[3,12,{}]", ("RPC-ID-001", "RPC-MSG-005")),
        ('[4,"a"]', ("RPC-MSG-006",)),
        ('[4,"a",12,"",{}]', ("RPC-MSG-006",)),
        ('[4,null,"GenericError","",{}]', ("RPC-ID-001", "RPC-MSG-006")),
    ],
)
def test_malformed_text_is_a_fact(text: str, rules: tuple[str, ...]) -> None:
    (fact,) = Session().receive(text, now=0.0)
    assert isinstance(fact, Malformed)
    assert fact.rules == rules
    assert fact.text == text
    assert len(fact.why) < 120


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('[2,"a","A",null]', ("RPC-MSG-008",)),
        ('[2,"' + "a" * 37 + '","A",{}]', ("RPC-ID-001",)),
        ('[2,"a","Reset.req",{}]', ("RPC-MSG-009",)),
        ('[2,"a","A",{"x":1,"x":2}]', ()),
        (r'[2,"a","A",{"x":"\ud800"}]', ()),
    ],
)
def test_a_call_of_odd_form_is_still_a_call(text: str, rules: tuple[str, ...]) -> None:
    deviation, called = Session().receive(text, now=0.0)
    assert isinstance(deviation, Deviation)
    assert deviation.rules == rules
    assert isinstance(called, Called)


def test_a_pair_of_escaped_surrogates_is_one_character() -> None:
    facts = Session().receive(r'[2,"a","A",{"x":"\ud83d\ude00"}]', now=0.0)
    assert facts == [Called("a", "A", {"x": "\U0001f600"})]


def test_the_memory_for_ids_is_bounded() -> None:
    session = Session(remember=10)
    for number in range(2000):
        session.receive(f'[2,"{number}","Heartbeat",{{}}]', now=0.0)
    assert len(session.unanswered) <= 256
    assert session.receive('[2,"5","Heartbeat",{}]', now=0.0)[-1] == Called("5", "Heartbeat", {})
