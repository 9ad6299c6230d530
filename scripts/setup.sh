#!/bin/sh
# Make .venv from the lock file: find Python 3.13 (PATH, pyenv, then uv's own), find or fetch uv, sync.
# Writes .venv/.ready, which make compares with the lock file, so a second run costs nothing.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

is_313() { "$1" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 13))' 2>/dev/null; }

find_python() {
    for candidate in python3.13 python3 python "$HOME"/.pyenv/versions/3.13*/bin/python; do
        if path=$(command -v "$candidate" 2>/dev/null) && is_313 "$path"; then
            printf '%s\n' "$path"
            return 0
        fi
    done
    return 1
}

# uv from PATH, else from PyPI into a small environment of its own, by whichever Python there is.
find_uv() {
    if command -v uv 2>/dev/null; then return 0; fi
    if [ ! -x .verger-tools/bin/uv ]; then
        for maker in "$@" python3 python; do
            command -v "$maker" >/dev/null 2>&1 || continue
            "$maker" -m venv .verger-tools >&2 && .verger-tools/bin/pip install -q uv >&2 && break
        done
    fi
    [ -x .verger-tools/bin/uv ] && printf '%s\n' "$PWD/.verger-tools/bin/uv"
}

python=$(find_python) || python=""
uv=$(find_uv ${python:+"$python"}) || {
    say "Verger needs uv and could not install it: no Python with venv and pip was found, or PyPI did not answer."
    say "Install Python 3.13 (with venv) or uv, then run make again."
    exit 1
}
if [ -z "$python" ]; then
    "$uv" python install -q 3.13 && python=$("$uv" python find 3.13) || {
        say "Verger needs Python 3.13: not on PATH, not under ~/.pyenv/versions, and uv could not install it."
        say "Install Python 3.13, then run make again."
        exit 1
    }
fi

say "Setting up .venv with $("$python" --version) …"
if [ ! -x .venv/bin/python ] || ! is_313 .venv/bin/python; then
    "$uv" venv -q --clear --python "$python" .venv
fi
"$uv" pip sync -q --python .venv/bin/python --require-hashes requirements-dev.txt
printf '%s/..\n' "$(cd .venv && pwd)" > .venv/lib/python3.13/site-packages/verger.pth
printf '#!/bin/sh\nexec "%s/bin/python" -m cli "$@"\n' "$(cd .venv && pwd)" > .venv/bin/verger
chmod +x .venv/bin/verger
touch .venv/.ready
