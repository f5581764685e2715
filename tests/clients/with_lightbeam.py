"""lightbeam, unchanged: validate, send, count, fetch, delete, truncate."""

import json
import subprocess
import sys
from pathlib import Path

from harness import KEY, SECRET, YEAR, Sandbox, bare, contents, together, write_lines

# What of the district's records stands upstream of what, by what lightbeam deletes and truncates.
ROSTERS, ENROLLMENTS = "studentSectionAssociations", "studentSchoolAssociations"
EDUCATORS = "sectionEducators"


class Lightbeam:
    """lightbeam with a folder of data and a memory of its own."""

    def __init__(self, sandbox, folder, data, mode):
        folder.mkdir()
        (folder / "state").mkdir()
        self.program = Path(sys.executable).parent / "lightbeam"
        self.folder = folder
        own = {}
        for segment, name in sandbox.order():
            if segment != "ed-fi":
                own.setdefault(segment, []).append(name)
        config = [
            f"state_dir: {folder / 'state'}", f"data_dir: {data}", "namespace: ed-fi", "namespace_overrides:",
            *[f"  {segment}: [{', '.join(names)}]" for segment, names in own.items()],
            "edfi_api:", f"  base_url: {sandbox.url}", "  version: 3", f"  mode: {mode}", f"  year: {YEAR}",
            f"  client_id: {KEY}", f"  client_secret: {SECRET}",
            "connection:", "  pool_size: 8", "  timeout: 30", "  num_retries: 2", "  verify_ssl: False",
            "validate:", "  methods: [schema, descriptors, uniqueness]", "force_delete: True", "show_stacktrace: True",
        ]
        (folder / "lightbeam.yaml").write_text("\n".join(config) + "\n")

    def run(self, command, *options):
        """Runs a command; gives its results file, as JSON if it is, and all that it printed."""
        results = self.folder / "results" / command
        results.unlink(missing_ok=True)
        line = [self.program, command, "-c", self.folder / "lightbeam.yaml", "--results-file", results, *options]
        done = subprocess.run([str(part) for part in line], capture_output=True, text=True, timeout=120)
        text = results.read_text() if results.exists() else ""
        try:
            return json.loads(text), done.stdout + done.stderr
        except json.JSONDecodeError:
            return text, done.stdout + done.stderr

    def counts(self):
        table, _ = self.run("count")
        rows = [line.split("\t") for line in table.splitlines()[1:]]
        # A SIS vendor has no claim on surveys, and is told so.
        return {name: int(count) for count, name in rows if not count.startswith("error (403)")}


def check(checks, district, scratch):
    together(
        lambda: in_mode(checks, district, scratch, "year_specific"),
        lambda: in_mode(checks, district, scratch, "shared_instance"),
        lambda: refusals(checks, district, scratch, "6"),
        lambda: refusals(checks, district, scratch, "7"),
    )


def in_mode(checks, district, scratch, mode):
    with Sandbox(district) as sandbox:
        beam = Lightbeam(sandbox, scratch / f"lightbeam-{mode}", district.lines, mode)
        if mode == "year_specific":
            validates(checks, district, beam, scratch)
        sends_and_deletes(checks, district, sandbox, beam, mode, scratch)


def every(results):
    return tuple(results[f"total_records_{what}"] for what in ("processed", "skipped", "failed"))


def validates(checks, district, beam, scratch):
    validated, said = beam.run("validate")
    checks.that("validate finds nothing wrong", every(validated) == (district.total(), 0, 0), said[-1500:])
    # References are looked up one by one, here and at the server; some are enough.
    some = scratch / "some"
    for name in ("sessions", "students"):
        write_lines(some, name, district.records[name])
    enrolled = district.records[ENROLLMENTS][:5]
    lost = {**enrolled[0], "studentReference": {"studentUniqueId": "9999999999"}}
    write_lines(some, ENROLLMENTS, [*enrolled, lost])
    options = ("-s", ENROLLMENTS, "--set", "data_dir", str(some), "validate.methods", "references")
    looked, said = beam.run("validate", *options)
    checks.that("validate finds what is referred to, and what is not there", every(looked) == (6, 0, 1), said[-1500:])


def sends_and_deletes(checks, district, sandbox, beam, mode, scratch):
    records = district.records
    sent, said = beam.run("send")
    checks.that(f"{mode}: send is taken whole", every(sent) == (district.total(), 0, 0), said[-1500:])
    counted = beam.counts()
    checks.equal(f"{mode}: count", {name: counted[name] for name in records}, {n: len(r) for n, r in records.items()})
    # lightbeam writes what it fetches into its data folder, over what it sent.
    fetched = scratch / f"fetched-{mode}"
    fetched.mkdir()
    _, said = beam.run("fetch", "-s", ",".join(records), "--set", "data_dir", str(fetched), "fetch.page_size", "50")
    for name, expected in records.items():
        path = fetched / f"{name}.jsonl"
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else said
        checks.that(f"{mode}: fetch gives the {name} that were sent", path.exists() and contents(found) == contents(expected))
    again, _ = beam.run("send", "--force")
    checks.equal(f"{mode}: a second send changes nothing", every(again), (district.total(), 0, 0))
    before, after = {row["id"]: row["_etag"] for row in sandbox.all(ROSTERS)}, {}
    beam.run("send", "--force", "-s", ROSTERS)
    after = {row["id"]: row["_etag"] for row in sandbox.all(ROSTERS)}
    checks.equal(f"{mode}: nor an entity tag", after, before)
    beam.run("delete", "--force", "-s", ROSTERS)
    checks.equal(f"{mode}: delete leaves no {ROSTERS}", sandbox.count(ROSTERS), 0)
    checks.equal(f"{mode}: and all else", sandbox.count("sections"), len(records["sections"]))
    beam.run("send", "--force", "-s", ROSTERS)
    checks.equal(f"{mode}: send brings them back", sandbox.count(ROSTERS), len(records[ROSTERS]))
    _, said = beam.run("truncate", "-s", f"{ROSTERS},{EDUCATORS},sections,courseOfferings")
    left = {name: sandbox.count(name) for name in (ROSTERS, EDUCATORS, "sections", "courseOfferings", "sessions")}
    checks.that(
        f"{mode}: truncate empties what it is told to",
        left == {ROSTERS: 0, EDUCATORS: 0, "sections": 0, "courseOfferings": 0, "sessions": len(records["sessions"])},
        f"{left} {said[-800:]}",
    )


def refusals(checks, district, scratch, version):
    """What is wrong with a record is found before it is sent, by the documents, and when it is sent."""
    with Sandbox(district, "--api-version", version) as sandbox:
        refused(checks, sandbox, bare(district.records["students"][0]), scratch, version)


def refused(checks, sandbox, good, scratch, version):
    wrong = [
        {name: value for name, value in {**good, "studentUniqueId": "9000000000"}.items() if name != "lastSurname"},
        {**good, "studentUniqueId": "9000000001", "firstName": "x" * 76},
        {**good, "studentUniqueId": "9000000002", "birthSexDescriptor": "uri://ed-fi.org/SexDescriptor#Nowhere"},
        {**good, "studentUniqueId": "9000000003", "multipleBirthStatus": "perhaps"},
        good,
        good,
    ]
    data = scratch / f"wrong-{version}"
    write_lines(data, "students", wrong)
    beam = Lightbeam(sandbox, scratch / f"lightbeam-wrong-{version}", data, "shared_instance")
    if version == "6":
        validated, _ = beam.run("validate")
        failures = validated["resources"]["students"]["failures"]
        found = sorted((line, failure["method"]) for failure in failures for line in failure["line_numbers"])
        expected = [(1, "schema"), (2, "schema"), (3, "descriptors"), (4, "schema"), (6, "uniqueness")]
        checks.equal("validate finds what is wrong", found, expected)
    sent, _ = beam.run("send")
    failures = sent["resources"]["students"]["failures"]
    lines = sorted(line for failure in failures for line in failure["line_numbers"])
    # And one of the last two: a student whom no school has yet may be created, but not sent again.
    checks.that(f"version {version}: send is told the same", lines in ([1, 2, 3, 4, 5], [1, 2, 3, 4, 6]), lines)
    messages = " ".join(failure["message"] for failure in failures)
    for part in ("LastSurname is required", "SexDescriptor#Nowhere"):
        checks.that(f"version {version}: and hears of {part}", part in messages, messages)
