#!/bin/sh
# Install the clients of tests/foreign, pinned, where they disturb nothing: .verger-tools/foreign.
# rclone comes from the system's packages (as root, elsewhere install it yourself). Run it as often
# as you like: what is there and up to date is left alone.
set -eu
cd "$(dirname "$0")/.."

here=tests/foreign
there=.verger-tools/foreign
mkdir -p "$there"

say() { printf '%s\n' "$*" >&2; }

# fresh NAME FILE…: whether NAME was installed from exactly these lock files.
fresh() { [ "$(cat "$there/$1.stamp" 2>/dev/null)" = "$(stamp "$@")" ]; }
stamp() {
    shift
    cat "$@" | cksum
}

if ! fresh python $here/requirements.txt; then
    say "Installing the Python clients …"
    .venv/bin/uv venv -q --clear --python .venv/bin/python "$there/python"
    .venv/bin/uv pip sync -q --python "$there/python/bin/python" --require-hashes $here/requirements.txt
    stamp python $here/requirements.txt > "$there/python.stamp"
fi

if ! command -v npm >/dev/null 2>&1; then
    say "npm is missing: the JavaScript clients are not installed. Install Node.js 20 or newer."
elif ! fresh node $here/package.json $here/package-lock.json; then
    say "Installing the JavaScript clients …"
    mkdir -p "$there/node"
    cp $here/package.json $here/package-lock.json "$there/node/"
    (cd "$there/node" && npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    stamp node $here/package.json $here/package-lock.json > "$there/node.stamp"
fi

if ! command -v rclone >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing rclone …"
        apt-get install -y -q --no-install-recommends rclone >/dev/null || {
            apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends rclone >/dev/null
        }
    else
        say "rclone is missing: install it from your system's packages (1.60 or newer)."
    fi
fi
