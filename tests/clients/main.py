"""Runs the parts that are asked for, or all, and counts what holds."""

import sys
from pathlib import Path

import with_browser
import with_edfi_api_client
import with_lightbeam
import with_openapi
from harness import Checks, District

PARTS = {
    "lightbeam": with_lightbeam,
    "edfi-api-client": with_edfi_api_client,
    "openapi": with_openapi,
    "browser": with_browser,
}


def main():
    program, scratch, *asked = sys.argv[1:]
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    checks = Checks()
    made = []
    checks.part("a district", lambda: made.append(District(program, Path(scratch))))
    if made:
        checks.that("a district with records of its own", made[0].total() > 500, made[0].total())
        for name in asked or PARTS:
            checks.part(name, lambda: PARTS[name].check(checks, made[0], Path(scratch)))
    for name in checks.failed:
        print(f"failed: {name}")
    print(f"{checks.passed} passed, {len(checks.failed)} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
