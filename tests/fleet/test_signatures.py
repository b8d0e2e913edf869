import re
from typing import Any

import pytest

from console.fleet.overlap import overshadowed
from console.fleet.signature_rules import read_catalogue
from console.fleet.signatures import Catalogue

GOOD = {
    "id": "house.proxy",
    "title": "The proxy of this house is closed",
    "pattern": r"house proxy says: (?P<why>.+)",
    "where": ["job-log"],
    "severity": "error",
    "harmless": "never",
    "meaning": "It is night.",
    "remedy": "Wait for the morning.",
    "source": "our own proxy",
    "examples": ["2026-01-01 house proxy says: closed"],
    "near_misses": ["the house proxy is open"],
}


def toml(**changes: Any) -> bytes:
    """One signature; None leaves a key out."""
    lines = [f"{key} = {literal(value)}" for key, value in (GOOD | changes).items() if value is not None]
    return "\n".join(["[[signature]]", *lines, ""]).encode()


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return f"'''{value}'''" if isinstance(value, str) else str(value).lower()


def read(*texts: bytes, base: Catalogue | None = None) -> tuple[Catalogue, list[str]]:
    named = {f"{number}.toml": text for number, text in enumerate(texts, 1)}
    found = read_catalogue(named, {"restart-service"}, base)
    return found.catalogue, [str(each) for each in found.complaints]


def test_a_signature_that_keeps_the_rules_is_taken() -> None:
    catalogue, complaints = read(toml(action="restart-service", **{"class": "network"}))
    assert complaints == []
    (signature,) = catalogue.signatures
    assert catalogue.by_id["house.proxy"] is signature
    assert (signature.failure_class, signature.priority, signature.hint) == ("network", 50, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"severty": "error"}, "there is no key “severty”; did you mean “severity”?"),
        ({"title": None}, "title is missing"),
        ({"title": 7}, "title: expected str, got int"),
        ({"id": "House Proxy"}, "id: must be family.name"),
        ({"severity": "fatal"}, "severity: must be of critical, error, warning, notice, info"),
        ({"where": ["job-logs"]}, "must be of runner-diag, "),
        ({"where": []}, "where"),
        ({"harmless": "sometimes"}, "harmless_when must say when"),
        ({"action": "restart-servce"}, "no guided action “restart-servce”; did you mean “restart-service”?"),
        ({"pattern": "house (proxy"}, "pattern is no regular expression"),
        ({"pattern": "house (proxy"}, "at position 6"),
        ({"pattern": "(?!x)house proxy says"}, "pattern has look-around"),
        ({"pattern": "hou"}, "pattern has no 4 characters in a row"),
        ({"unless": "(?<=x)y"}, "unless has look-around"),
        ({"clears": "ok"}, "clears has no 4 characters"),
        ({"followup": {"expect": "x", "within_seconds": 5, "severity": "error"}}, "followup.expect has no 4"),
        ({"followup": {"expects": "it follows"}}, "followup: there is no key “expects”; did you mean “expect”?"),
        ({"worse": {"when": "x", "severity": "error", "meaning": "y"}}, "worse.when has no 4"),
        (
            {"worse": {"when": "night", "severity": "error", "meaning": "y", "remedy": "Wait \u202e."}},
            "worse.remedy holds a character that does not print: Wait <202E>.",
        ),
        ({"meaning": "It is night \u202e."}, "meaning holds a character that does not print: It is night <202E>."),
        ({"examples": ["another proxy"]}, "example 1 does not match: another proxy"),
        ({"examples": []}, "examples"),
        ({"near_misses": ["the house proxy says: hello"]}, "near miss 1 matches"),
        ({"unless": "closed"}, "example 1 does not match"),
    ],
)
def test_what_breaks_the_rules_is_refused_and_told_by_file_and_id(changes: dict[str, Any], said: str) -> None:
    catalogue, complaints = read(toml(**changes))
    assert catalogue.signatures == ()
    assert complaints[0].startswith(f"1.toml: {changes.get('id', 'house.proxy')}: ")
    assert said in "\n".join(complaints)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[[signature]", "1.toml: is no TOML"),
        (b"\xff\xfe", "1.toml: is not UTF-8"),
        (b"[[signatures]]\nid = 'x'", "1.toml: has “signatures”, and only [[signature]]"),
        (b"[signature]\nid = 'x'", "1.toml: has [signature] where it must be [[signature]]"),
        (b"signature = [1]", "1.toml: has [signature] where"),
        (b"x = " + b"[" * 5_000, "1.toml: is no TOML"),
        (b"[[signature]]\ntitle = 'x'", "1.toml: signature 1: id is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of_and_the_others_are_used(text: bytes, said: str) -> None:
    catalogue, complaints = read(text, toml())
    assert complaints[0].startswith(said)
    assert list(catalogue.by_id) == ["house.proxy"]


def test_an_id_is_given_once_over_all_files_and_what_is_shipped_comes_first() -> None:
    shipped, _ = read(toml(title="Shipped"))
    catalogue, complaints = read(toml(), toml(id="house.other"), toml(id="house.other"), base=shipped)
    assert [each.id for each in catalogue.signatures] == ["house.proxy", "house.other"]
    assert catalogue.by_id["house.proxy"].title == "Shipped"
    assert complaints == [
        "1.toml: house.proxy: there is another of this id, which comes with the console",
        "3.toml: house.other: there is another of this id, in 2.toml",
    ]


def told(text: bytes) -> list[str]:
    return [each.removeprefix("1.toml: house.proxy: ") for each in read(text)[1]]


def test_all_that_is_wrong_with_a_signature_is_told_at_once() -> None:
    wrong = {"colour": "red", "title": 7, "severity": "fatal", "where": ["job-logs", "api", "logs"], "meaning": None}
    followup = {"expect": "x", "within_seconds": 0, "severity": "error", "eve": 1}
    told_of = {"clears": "ok", "harmless": "usually", "action": "dance", "remedy": "Wait \u202e."}
    said = told(toml(**wrong, **told_of, followup=followup, examples=[7, "another proxy"]))
    places = [re.split(r"[:“]| has | holds | is | must | does ", each)[0] for each in said]
    assert places == [
        "there", "meaning", "followup", "title", "where[0]", "where[2]", "severity", "examples[0]",
        "followup.within_seconds", "is usually harmless", "action", "remedy", "clears", "followup.expect", "example 2",
    ]  # fmt: skip


def test_what_cannot_be_known_of_a_signature_is_not_guessed_at() -> None:
    assert told(toml(pattern=None)) == ["pattern is missing"]
    assert told(toml(pattern="hou", examples=["another proxy"])) == [
        "pattern has no 4 characters in a row that every match must have; lines are found by them"
    ]
    assert told(toml(unless=7, examples=["another proxy"])) == ["unless: expected str, got int"]
    assert told(toml(harmless="usually", harmless_when=7)) == ["harmless_when: expected str, got int"]
    assert told(toml(followup=7)) == ["followup: expected table, got int"]


def test_what_does_not_belong_into_a_file_does_not_hide_what_does() -> None:
    catalogue, complaints = read(b"[one]\n[two]\n" + toml(title=7) + toml(id="house.other"))
    assert complaints == [
        "1.toml: has “one”, and only [[signature]] may be there",
        "1.toml: has “two”, and only [[signature]] may be there",
        "1.toml: house.proxy: title: expected str, got int",
    ]
    assert list(catalogue.by_id) == ["house.other"]


def test_an_id_is_taken_by_a_signature_with_faults_too() -> None:
    _, complaints = read(toml(title=None), toml())
    assert complaints[1] == "2.toml: house.proxy: there is another of this id, in 1.toml"


def test_text_of_a_file_cannot_steer_the_terminal() -> None:
    _, complaints = read(toml(**{"evil\\u001b": "x"}).replace(b"evil\\u001b", b'"evil\\u001b[2J"'))
    assert "<001B>" in complaints[0]
    assert "\x1b" not in "".join(complaints)


def test_a_signature_whose_examples_another_takes_is_told_of() -> None:
    for priority, told_of in ((50, "house.any"), (60, "house.proxy")):
        catalogue, _ = read(toml(priority=priority), toml(id="house.any", pattern="house proxy", near_misses=[]))
        assert [each.id for each in catalogue.signatures if [*overshadowed(catalogue, each)]] == [told_of]


def test_an_example_that_no_scan_looks_at_is_told_of() -> None:
    catalogue, _ = read(toml(examples=["house proxy says: closed", "+ echo house proxy says: closed"]))
    (said,) = overshadowed(catalogue, catalogue.signatures[0])
    assert said.startswith("example 2 is never found: a scan passes over a script's own lines")
