"""The pages at /ui in Chromium: what is shown is what was sent, and nothing of it runs."""

import html
import json
import re
import shutil
import subprocess
import tempfile
from urllib.parse import quote

from harness import Sandbox, bare

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000",
]

# Each would change the title if any of it ran.
HOSTILE = [
    "\"><script>document.title='ran'</script>",
    "'><img src=x onerror=\"document.title='ran'\">",
    "</pre><svg onload=document.title='ran'>",
]


class Browser:
    """Chromium without a window."""

    def __init__(self):
        self.program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if self.program is None:
            raise RuntimeError("there is no Chromium; on Debian: apt-get install chromium")

    def page(self, url):
        """The page as Chromium has it after loading, and what it complained of."""
        with tempfile.TemporaryDirectory() as profile:
            command = [self.program, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", url]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def text(dom):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", dom)).split())


def check(checks, district, scratch):
    browser = Browser()
    with Sandbox(district, "--load", district.lines, "--api-version", "7") as sandbox:
        good = bare(district.records["students"][0])
        for at, hostile in enumerate(HOSTILE):
            sent = sandbox.send("ed-fi/students", {**good, "studentUniqueId": f"{at}{hostile}"[:32], "lastSurname": hostile})
            checks.equal("a hostile name is stored", sent.status, 201)
        refused = sandbox.send("ed-fi/students", {**good, "studentUniqueId": "1", "birthDate": HOSTILE[0]})
        checks.equal("a hostile date is refused", refused.status, 400)
        see(checks, district, sandbox, browser)


def see(checks, district, sandbox, browser):
    complaints = []

    def page(path):
        dom, console = browser.page(sandbox.url + path)
        complaints.extend(f"{path}: {line}" for line in console)
        title = re.search(r"<title>(.*?)</title>", dom)
        checks.that(f"{path[:70]} runs nothing", title and "ran" not in title[1] and "<script" not in dom, dom[:500])
        return dom

    first = page("/ui")
    for name, records in district.records.items():
        shown = f"{len(records) + (len(HOSTILE) if name == 'students' else 0):,}".replace(",", "\u202f")
        checks.that(f"{name} with {shown} records", re.search(rf"\b{name} {shown}\b", text(first)), text(first)[:3000])
    checks.that("the refused request is on the first page", "1 refused" in text(first), text(first)[:300])
    checks.that("the first page is styled", 'href="/ui/style.css"' in first)
    students = page("/ui/resources/ed-fi/students")
    for hostile in HOSTILE:
        checks.that("a hostile key is shown as it is", any(hostile[:20] in cell for cell in cells(students)), cells(students)[:6])
    found = page(f"/ui/resources/ed-fi/students?q={quote(HOSTILE[1][:12])}")
    checks.equal("a search for a hostile key finds it alone", len(set(record_links(found))), 1)
    record = page(record_links(found)[0])
    checks.that("the record is shown", json.dumps(HOSTILE[1]) in html.unescape(re.sub(r"<[^>]*>", "", record)), text(record)[:2000])
    requests = page("/ui/requests?show=refused")
    request = page(re.findall(r'href="(/ui/requests/\d+)"', requests)[0])
    for part in ("400", "What the API said", "$.birthDate", HOSTILE[0][:12]):
        checks.that(f"the refused request shows {part}", part in text(request), text(request)[:2000])
    section = page(record_links(page("/ui/resources/ed-fi/sections"))[0])
    checks.that("a section says who refers to it", "studentSectionAssociations.sectionReference" in text(section))
    checks.equal("the browser had nothing to refuse", complaints, [])


def cells(dom):
    return [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", dom, re.S)]


def record_links(dom):
    return re.findall(r'href="(/ui/resources/[^"/]+/[^"/]+/[0-9a-f]{32})"', dom)
