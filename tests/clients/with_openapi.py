"""The OpenAPI documents: sound, and true of the answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import OpenAPIV2SpecValidator

from harness import Sandbox, together

# Of each kind of resource one: people, education organizations, what refers to both, what has items in items.
RESOURCES = "students|sections|studentSectionAssociations|studentEducationOrganizationAssociations|schoolYearTypes"
DESCRIPTORS = "gradeLevelDescriptors|courseStatusDescriptors"

# What an answer is held against.
READS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)
# A good write's answer has no body, hence neither content type nor shape to hold against the document.
WRITES = "not_a_server_error,status_code_conformance,response_headers_conformance"


def check(checks, district, scratch):
    together(*(lambda version=version: of_version(checks, district, scratch, version) for version in ("6", "7")))


def of_version(checks, district, scratch, version):
    keys = scratch / f"keys-{version}.toml"
    keys.write_text('[[key]]\nkey = "all"\nsecret = "all-secret"\nclaim-set = "full"\n')
    os.chmod(keys, 0o600)
    options = ("--load", district.lines, "--keys", keys, "--api-version", version)
    with Sandbox(district, *options, key="all", secret="all-secret") as sandbox:
        documents(checks, sandbox, version)
        generated(checks, sandbox, version, scratch)


def documents(checks, sandbox, version):
    of = lambda uri: json.loads(sandbox.open(uri.removeprefix(sandbox.url)).read())
    plain, of_year = of("/metadata/"), of("/metadata/2026")
    for entry, with_year in zip(plain, of_year, strict=True):
        document, other = of(entry["endpointUri"]), of(with_year["endpointUri"])
        faults = [fault.message for fault in OpenAPIV2SpecValidator(document).iter_errors()]
        checks.equal(f"version {version}: {entry['name']} is a sound document", faults, [])
        checks.equal(f"version {version}: {entry['name']} of a year", other.pop("basePath"), f"{document.pop('basePath')}/2026")
        checks.that(f"version {version}: and the same for all else", other == document)


def generated(checks, sandbox, version, scratch):
    """Requests made from the documents, right and wrong ones."""
    program = Path(sys.executable).parent / "schemathesis"
    resources = f"{sandbox.url}/metadata/data/v3/resources/swagger.json"
    descriptors = f"{sandbox.url}/metadata/data/v3/descriptors/swagger.json"
    changes = f"{sandbox.url}/metadata/changeQueries/v1/swagger.json"
    runs = [
        ("reads of resources", resources, f"^GET /ed-fi/({RESOURCES})(/|$)", READS),
        ("writes of resources", resources, f"^(POST|PUT|DELETE) /ed-fi/({RESOURCES})(/|$)", WRITES),
        ("reads of descriptors", descriptors, f"^GET .*/({DESCRIPTORS})(/|$)", READS),
        ("writes of descriptors", descriptors, f"^(POST|PUT|DELETE) .*/({DESCRIPTORS})(/|$)", WRITES),
        ("change queries", changes, ".", READS),
    ]
    for name, document, operations, held in runs:
        command = [
            program, "run", document, "--header", f"Authorization: Bearer {sandbox.token()}", "--checks", held,
            "--include-name-regex", operations, "--phases", "coverage,fuzzing", "--max-examples", "3", "--seed", "1",
            "--generation-database", "none", "--warnings", "off", "--continue-on-failure",
        ]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=240, cwd=scratch)
        tested = [line.strip() for line in done.stdout.splitlines() if "Tested:" in line or "generated" in line]
        checks.that(f"version {version}: {name}: {'; '.join(tested)}", done.returncode == 0, done.stdout[-6000:])
    # The sandbox is still there and well.
    checks.equal(f"version {version}: the sandbox still answers", sandbox.open("/").status, 200)
