# SPDX-License-Identifier: MIT
"""What every command writes with --format json is what docs/schemas says of it.

The schemas allow more members than they name, as readers should. Here they do not: a
member that no schema names is not documented.
"""

import json
import pathlib

import pytest
from cli_fixtures import desk, listing  # noqa: F401
from jsonschema import Draft202012Validator, RefResolver

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schemas"
# Parts that more than one schema refers to.
PARTS = {"backup", "comparison", "difference", "plan", "preview", "secret", "taken", "verdict", "usage"}

# Exit status and arguments, in this order: ID is a backup of shop, which has changed since.
RUNS = [
    (0, "backup create --database shop --tag release=2 --description again"),
    (0, "backup create --database shop --dry-run"),
    (1, "backup create --database shop,nowhere --dry-run"),
    (1, "backup create --database shop --database nowhere"),
    (0, "backup list"),
    (0, "backup list --status all"),
    (0, "backup list --status failed"),
    (0, "backup list --database nothing"),
    (0, "backup list -o id,created,tags"),
    (0, "backup info ID"),
    (0, "backup edit ID --description new --tag reviewed=yes"),
    (0, "backup stats ID"),
    (0, "backup validate ID"),
    (0, "backup validate ID --level load"),
    (0, "backup validate ID --integrity"),
    (1, "backup validate DAMAGED"),
    (0, "backup validate-all --database shop"),
    (1, "backup validate-all"),
    (0, "backup integrity-check ID"),
    (1, "backup integrity-check"),
    (0, "backup export ID --output out.tar.gz"),
    (0, "backup export ID --output out-directory/"),
    (0, "backup export ID --output sealed.tar --encrypted"),
    (0, "backup import --file out.tar.gz --output-format json"),
    (0, "backup import --file dump.sql --format mysqldump --database dumped --output-format json"),
    (0, "backup import --file sealed.tar --output-format json"),
    (0, "backup cleanup --dry-run"),
    (0, "backup storage-usage"),
    (0, "backup storage-usage --detailed"),
    (0, "backup storage-health"),
    (0, "backup storage-optimize"),
    (1, "backup health-check"),
    (0, "backup report"),
    (0, "backup test-encryption"),
    (0, "backup test-encryption --backup-id ID"),
    (0, "backup test-connection"),
    (0, "backup validate-config"),
    (1, "backup validate-config --config wrong.yaml"),
    (1, "backup recovery-scan"),
    (1, "backup recovery-scan --all"),
    (0, "backup recalculate-checksum ID"),
    (0, "backup partial-recovery ID --output saved"),
    (0, "backup move --destination elsewhere --dry-run"),
    (0, "key list"),
    (1, "key check"),
    (0, "key rotate --dry-run"),
    (0, "rollback list"),
    (0, "rollback plan ID"),
    (0, "rollback plan ID --show-sql"),
    (0, "rollback plan ID --prove --preflight"),
    (0, "rollback plan ID --preserve-data"),
    (1, "rollback validate ID"),
    (4, "rollback compare ID"),
    (4, "schema compare --backup-id ID"),
    (0, "rollback recovery-info ID"),
    (0, "rollback manual-steps ID"),
    (0, "rollback execute ID --dry-run"),
    (0, "rollback ID-OPTION --yes"),
    (0, "rollback execute ID --yes"),
    (0, "rollback recovery-info ID"),
    (0, "rollback validate ID"),
    (0, "schema compare --backup-id ID"),
    (0, "migrate --schema wanted.sql --database shop --dry-run"),
    (0, "migrate --schema wanted.sql --database shop --yes"),
    (0, "migrate --schema wanted.sql --database shop --yes"),
    (0, "backup delete ID --dry-run"),
    (0, "backup delete ID --yes"),
    (0, "backup cleanup"),
    (0, "config show"),
    (0, "config check"),
    (0, "config keys backup.retention"),
    (0, "test-connection"),
    (0, "test-connection --database shop"),
    (0, "version"),
]


def load(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def strict(node, inside_all_of=False):
    """The schema, but every object has exactly the members that it names."""
    if isinstance(node, list):
        return [strict(one, inside_all_of) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: strict(value, key == "allOf") for key, value in node.items()}
    if not inside_all_of and node.keys() & {"properties", "allOf", "$ref"}:
        made["unevaluatedProperties"] = False
    return made


def validator(name):
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    parts = {f"{part}.json": strict(load(part), True) for part in PARTS}
    return Draft202012Validator(strict(schema), resolver=RefResolver("", schema, store=parts))


@pytest.fixture(scope="module")
def outputs(desk):
    """What each of RUNS wrote, and its exit status."""
    found = []
    for _, line in RUNS:
        words = desk.words(line)
        if "--output-format" not in words:
            words += ["--format", "json"]
        done = desk.run(*words, status=None)
        found.append((done.returncode, done.stdout, done.stderr))
    return found


def command_of(line, listing):
    names = [c["name"] for c in listing if f"{line} ".startswith(c["name"] + " ")]
    return max(names, key=len)


@pytest.mark.parametrize("number", range(len(RUNS)), ids=[line for _, line in RUNS])
def test_output_is_what_the_schema_says(number, outputs, listing):
    status, line = RUNS[number]
    returned, text, talk = outputs[number]
    assert returned == status, talk
    check = validator(command_of(line, listing).replace(" ", "-"))
    problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                for e in check.iter_errors(json.loads(text))]
    assert problems == []


def test_every_command_that_writes_json_has_a_schema_and_a_run(listing):
    commands = {c["name"] for c in listing
                if any(o["name"] == "format" and "json" in o["choices"] for o in c["options"])}
    assert {command_of(line, listing) for _, line in RUNS} == commands
    files = {path.stem for path in SCHEMAS.glob("*.json")}
    assert files - PARTS == {name.replace(" ", "-") for name in commands}
    assert PARTS <= files


def test_schemas_say_what_each_member_is():
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text())
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["title"] and schema["description"], path
