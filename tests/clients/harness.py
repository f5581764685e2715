"""A district, sandboxes of it, and the counting of checks."""

import json
import subprocess
import time
import traceback
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KEY, SECRET = "sandbox-key", "sandbox-secret"
STATE, YEAR = "ks", 2026

# What a server adds to a record.
ADDED = ("id", "_etag", "_lastModifiedDate", "link")


class Checks:
    """Counts what holds and what does not."""

    def __init__(self):
        self.passed = 0
        self.failed = []

    def that(self, name, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"  ok      {name}", flush=True)
        else:
            self.failed.append(name)
            print(f"  FAILED  {name} {str(detail)[:2000]}", flush=True)

    def equal(self, name, found, expected):
        self.that(name, found == expected, f"(found {found!r}, expected {expected!r})")

    def part(self, name, run):
        print(name, flush=True)
        start = time.monotonic()
        try:
            run()
        except Exception:  # a part that breaks off is one failed check; the others go on
            self.that(f"{name} runs to its end", False, "\n" + traceback.format_exc())
        print(f"  {time.monotonic() - start:.1f} s", flush=True)


class District:
    """The demo's district: its tables, and the records that the demo's syncs left, as files of JSON lines."""

    def __init__(self, program, folder, students=60):
        self.program, self.folder = program, folder
        demo = folder / "demo"
        run([program, "demo", "--state", STATE, "--folder", demo, "--students", str(students), "--seed", "7"])
        self.tables, self.ledger = demo / "sis", demo / "sandbox.db"
        self.lines = folder / "lines"
        every = folder / "every"
        run([program, "sandbox", "dump", "--state", STATE, "--tables", self.tables, "--file", self.ledger, every])
        self.lines = folder / "lines"
        self.records = {}
        with Sandbox(self) as empty, Sandbox(self, "--file", self.ledger) as full:
            for path in sorted(every.glob("*.jsonl")):
                # What the district sends and may read: not what the state loads, and no student whom no school has.
                if path.stem.endswith("Descriptors") or empty.count(path.stem) > 0:
                    continue
                visible = set(contents(full.all(path.stem)))
                records = [json.loads(line) for line in path.read_text().splitlines()]
                self.records[path.stem] = [record for record in records if contents([record])[0] in visible]
                write_lines(self.lines, path.stem, self.records[path.stem])

    def total(self):
        return sum(len(records) for records in self.records.values())


class Sandbox:
    """A running sandbox of a district; a context."""

    def __init__(self, district, *options, key=KEY, secret=SECRET):
        self.district, self.options = district, [str(option) for option in options]
        self.key, self.secret = key, secret

    def __enter__(self):
        command = [self.district.program, "sandbox", "--state", STATE, "--tables", self.district.tables]
        command += ["--listen", "127.0.0.1:0", *self.options]
        self.errors = open(self.district.folder / "sandbox.err", "a+")
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.errors.seek(0)
            raise RuntimeError("the sandbox did not start: " + self.errors.read())
        self.token_, self.segments = None, {}
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.errors.close()

    def token(self):
        if self.token_ is None:
            form = f"grant_type=client_credentials&client_id={self.key}&client_secret={self.secret}"
            answer = self.open("/oauth/token", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
            self.token_ = json.loads(answer.read())["access_token"]
        return self.token_

    def open(self, path, body=None, headers=None, method=None):
        """An answer, whatever its status."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method=method)
        try:
            return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
        except urllib.error.HTTPError as answer:
            return answer

    def send(self, path, body=None, method=None):
        """An answer below the data path, with the token."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.open(f"/data/v3/{path}", data, headers, method)

    def order(self):
        """The resources that have a place in it, each with its segment: a state adds its own under one of its own."""
        order = json.loads(self.open("/metadata/data/v3/dependencies").read())
        return [tuple(entry["resource"].strip("/").split("/")) for entry in order]

    def segment(self, resource):
        if not self.segments:
            self.segments = {name: segment for segment, name in self.order()}
        return self.segments.get(resource, "ed-fi")

    def path(self, resource):
        return f"{self.segment(resource)}/{resource}"

    def count(self, resource):
        return int(self.send(f"{self.path(resource)}?limit=0&totalCount=true").headers["Total-Count"])

    def all(self, resource):
        rows, offset = [], 0
        while page := json.loads(self.send(f"{self.path(resource)}?limit=500&offset={offset}").read()):
            rows += page
            offset += len(page)
        return rows


def together(*runs):
    """Runs parts at the same time, two at once; the first that breaks off breaks off the whole."""
    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(run) for run in runs]:
            running.result()


def run(command, **options):
    """Runs a command that must succeed; gives what it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def bare(value):
    """A record without what a server adds."""
    if isinstance(value, dict):
        return {name: bare(item) for name, item in value.items() if name not in ADDED and item not in ([], None)}
    if isinstance(value, list):
        return sorted((bare(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def contents(records):
    """Records as texts that compare, in no order."""
    return sorted(json.dumps(bare(record), sort_keys=True) for record in records)


def write_lines(folder: Path, resource, records):
    folder.mkdir(exist_ok=True)
    (folder / f"{resource}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
