#!/usr/bin/env bash
# Runs clients that others wrote against `rollcall sandbox`: lightbeam, edfi-api-client, an OpenAPI validator, a generator
# of requests, and a browser. Needs Python 3.9 or newer with venv, the PyPI registry, and Chromium.
#
#   tests/clients/run.sh                    # everything
#   tests/clients/run.sh lightbeam browser  # some of it
#
# ROLLCALL names a built program (else it is built here), CLIENTS_VENV a folder for the virtual environment (else a new
# one that is removed).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

program="${ROLLCALL:-}"
if [[ -z "$program" ]]; then
    cargo build --quiet --locked -p rollcall
    program="${CARGO_TARGET_DIR:-target}/debug/rollcall"
fi

venv="${CLIENTS_VENV:-$scratch/venv}"
if [[ ! -x "$venv/bin/lightbeam" || ! -x "$venv/bin/schemathesis" ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
fi

# What a person's own configuration says is none of these checks' business.
export PYTHONDONTWRITEBYTECODE=1
unset ROLLCALL_CONFIG ROLLCALL_KEY ROLLCALL_SECRET ROLLCALL_NO_PROGRESS http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
"$venv/bin/python" "$here/main.py" "$(realpath "$program")" "$scratch" "$@"
