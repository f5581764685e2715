"""edfi-api-client, unchanged: connect, read page by page, count, and follow changes."""

import logging

from edfi_api_client import EdFiClient

from harness import Sandbox, bare, contents

ROSTERS = "studentSectionAssociations"


def check(checks, district, scratch):
    logging.disable(logging.WARNING)  # it warns of each way of paging that it does not take
    for version in ("6", "7"):
        # The demo's own records: what three syncs left.
        with Sandbox(district, "--file", district.ledger, "--api-version", version) as sandbox:
            reads(checks, district, sandbox, version)
            changes(checks, district, sandbox, version)


def reads(checks, district, sandbox, version):
    client = EdFiClient(sandbox.url, sandbox.key, sandbox.secret)
    checks.equal(f"version {version}: mode", client.api_mode, "shared_instance" if version == "6" else None)
    checks.that(f"version {version}: version", client.get_ods_version().startswith(version + "."))
    checks.equal(f"version {version}: data model", client.get_data_model_version(), "4.0.0")
    client.connect()
    info = client.get_token_info()
    checks.that(f"version {version}: token_info", info["active"] and info["client_id"] == sandbox.key, info)
    checks.that(f"version {version}: resources are listed", ("ed-fi", ROSTERS) in client.resources, client.resources)
    checks.that(f"version {version}: descriptors are listed", ("ed-fi", "gradeLevelDescriptors") in client.descriptors)
    for name, expected in district.records.items():
        segment = sandbox.segment(name)
        endpoint = client.resource(name, namespace=segment)
        checks.equal(f"version {version}: total count of {name}", endpoint.get_total_count(), len(expected))
        # A page size that does not divide the number: the last page is not full.
        rows = list(endpoint.get_rows(page_size=37))
        checks.that(f"version {version}: rows of {name}", contents(rows) == contents(expected), len(rows))
        # The client looks for the tag by the name alone; that of a state's own resource has the schema before it.
        described = endpoint.description or segment != "ed-fi"
        checks.that(f"version {version}: {name} is described", endpoint.has_deletes and described)
    window = {"minChangeVersion": 0, "maxChangeVersion": client.get_newest_change_version()}
    stepped = client.resource("sections", params=window).get_rows(
        page_size=37, step_change_version=True, change_version_step_size=1000
    )
    sections = district.records["sections"]
    checks.that(f"version {version}: rows by change versions", contents(stepped) == contents(sections))
    ping = client.resource("students").ping()
    checks.equal(f"version {version}: ping", ping.status_code, 200)
    one = next(client.resource("students").get_rows(page_size=1))
    checks.equal(f"version {version}: by id", client.resource("students").get_by_id(one["id"]), one)
    found = client.resource("students", params={"studentUniqueId": one["studentUniqueId"]}).get()
    checks.equal(f"version {version}: by key", [row["id"] for row in found], [one["id"]])
    with_codes = list(client.descriptor("term_descriptors").get_rows(page_size=37))
    checks.that(f"version {version}: code values", with_codes and all("termDescriptorId" in row for row in with_codes))


def changes(checks, district, sandbox, version):
    client = EdFiClient(sandbox.url, sandbox.key, sandbox.secret)
    before = client.get_newest_change_version()
    window = {"minChangeVersion": before + 1}
    rosters = client.resource(ROSTERS)
    gone = list(rosters.get_rows(page_size=100))[:3]
    for row in gone:
        answer = client.session.delete_response(rosters.url, row["id"])
        checks.equal(f"version {version}: delete", answer.status_code, 204)
    deletes = list(client.resource(ROSTERS, get_deletes=True, params=window).get_rows(page_size=2))
    checks.equal(f"version {version}: deletes", sorted(row["id"] for row in deletes), sorted(row["id"] for row in gone))
    student = {row["id"]: row["studentReference"]["studentUniqueId"] for row in gone}
    named = {row["id"]: row["keyValues"]["studentUniqueId"] for row in deletes}
    checks.equal(f"version {version}: deletes have their keys", named, student)
    sections = client.resource("sections")
    section = next(sections.get_rows(page_size=1))
    renamed = {**bare(section), "sectionIdentifier": f"renamed-{version}"}
    answer = client.session.put_response(sections.url, section["id"], renamed)
    checks.equal(f"version {version}: put with another key", answer.status_code, 204)
    changed = list(client.resource("sections", get_key_changes=True, params=window).get_rows(page_size=2))
    keys = [(c["id"], c["oldKeyValues"]["sectionIdentifier"], c["newKeyValues"]["sectionIdentifier"]) for c in changed]
    checks.equal(
        f"version {version}: key changes", keys, [(section["id"], section["sectionIdentifier"], f"renamed-{version}")]
    )
    checks.that(f"version {version}: the newest change version grows", client.get_newest_change_version() > before)
    # As it was, for the next version.
    client.session.put_response(sections.url, section["id"], bare(section))
    for row in gone:
        answer = client.session.post_response(rosters.url, bare(row))
        checks.equal(f"version {version}: post", answer.status_code, 201)
