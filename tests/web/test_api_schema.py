"""What schemathesis asks the interface by its own document: no failure of ours, and every answer as the document says."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
import schemathesis
import small_documents as t
import small_network as n
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

EXAMPLES = 8
"""Questions for each address and way of asking."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KNOWN = {
    "project": n.TITLED,
    "topic": n.TOPIC,
    "place": n.OBERHAUSEN,
    "document": t.REPORT,
    "evidence": n.EVIDENCE,
}
"""Ids of the network; every other path is an organisation's."""
NAMED = {"org": n.CENTRE, "other": n.INSTITUTE, "place": n.OBERHAUSEN, "topic": n.TOPIC, "member": n.CENTRE, "within": n.RUHR}


def known(case: schemathesis.Case, name: str) -> None:
    """Put ids that there are in the place of those made up, and leave out what asks for two things at once or an unknown page."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = KNOWN.get(name, n.INSTITUTE)
    for parameter in ("cursor", "text", "without"):
        case.query.pop(parameter, None)
    for parameter, id_ in NAMED.items():
        if parameter in case.query or (parameter == "org" and name in ("suggestions", "why_not")) or (parameter == "member" and name == "consortium"):
            several = parameter == "member" or (parameter == "topic" and name in ("suggestions", "why_not", "consortium"))
            case.query[parameter] = [id_] if several else n.TOPIC_ABOVE if (parameter, name) == ("within", "topics") else id_
    if name in ("suggestions", "why_not"):
        case.query.pop("within", None)


@pytest.fixture(scope="module")
def described(app: Flask) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json?lang=en", app)


def ask(operation: schemathesis.APIOperation, mode: GenerationMode, found: Counter[int], *, there: bool) -> None:
    """Some questions to one address; ``there``: about what the network holds."""

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: schemathesis.Case) -> None:
        if there:
            known(case, operation.definition.raw["operationId"])
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        found[answer.status_code] += 1

    once()


def test_nothing_breaks_and_all_answers_are_as_described(described: schemathesis.BaseSchema) -> None:
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for result in described.get_all_operations():
        operation = result.ok()
        counted = found[operation.definition.raw["operationId"]]
        for mode, there in ((GenerationMode.POSITIVE, True), (GenerationMode.POSITIVE, False), (GenerationMode.NEGATIVE, True)):
            ask(operation, mode, counted, there=there)
    # every address was really asked, and all were asked wrongly too
    assert [name for name, statuses in found.items() if not statuses[200]] == []
    assert [name for name, statuses in found.items() if not statuses[400]] == []
