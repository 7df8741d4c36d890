#!/usr/bin/env bash
# One command from a clean clone to every call of the Models API, from C and from Python. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
simulator=$root/.build/release/pieces-os-simulator
gateway=$root/.build/release/models-gateway
c_client=$root/.build/examples/models-client
python_client=$root/examples/python/models_client.py
python=/usr/bin/python3
pids=()

main() {
    keep=false
    case "$*" in
        "") ;;
        --keep) keep=true ;;
        --help | -h) help && exit 0 ;;
        *) help >&2 && exit 64 ;;
    esac
    install_and_build

    trap stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    directory=$(mktemp -d)
    socket=$directory/gateway.sock

    step "Starting a simulator of Pieces OS"
    start simulator "$simulator" --port 0 --models 60 --seed 1
    url=$(grep -o 'http://[0-9.:]*' <<<"$ready_line")
    step "Starting the gateway, from $socket to $url"
    start gateway "$gateway" serve --socket "$socket" --upstream "$url"

    step "Every call from C: models-client $socket all"
    "$c_client" "$socket" all
    step "Every call from Python: models_client.py $socket all"
    "$python" "$python_client" "$socket" all

    if $keep; then
        trap - EXIT
        explain
    fi
}

help() {
    cat <<END
usage: examples/quickstart.sh [--keep]

Installs what is missing (Debian packages), builds, starts a simulator of Pieces OS and the gateway in
front of it, does every call from C and from Python, and stops both again.

  --keep   leaves the two running, and says how to talk to them and how to stop them

Exit code 0: every call was answered as it should be; 64: wrong command line; else something went wrong.
END
}

install_and_build() {
    command -v swift >/dev/null || fail "swift is missing: install Swift 6.2 or later, see https://swift.org/install"
    "$root/examples/install-dependencies.sh" gcc libc6-dev make pkg-config python3 python3-protobuf \
        libuv1-dev libprotobuf-c-dev libhttp-parser-dev libsimdjson-dev
    cd "$root"
    for product in models-gateway pieces-os-simulator; do
        step "Building $product (minutes the first time, seconds after that)"
        swift build --quiet --configuration release --product "$product"
    done
    step "Building the C client"
    make --silent -C examples/c
}

# Runs a program in the background and waits until it says that it is ready; `ready_line` is what it said.
start() {
    local name=$1 output
    shift
    mkfifo "$directory/$name.output"
    "$@" </dev/null >"$directory/$name.output" 2>&1 &
    pids+=("$!")
    exec {output}<"$directory/$name.output"
    ready_line=
    until [[ $ready_line == *ready* ]]; do
        IFS= read -r -t 30 -u "$output" ready_line || fail "the $name has ended, or was not ready within 30 s"
        echo "$ready_line" | tee -a "$directory/$name.log"
    done
    # Goes on reading, as a program stops when it writes to a pipe that nobody empties.
    cat <&"$output" >>"$directory/$name.log" 2>/dev/null &
    exec {output}<&-
}

# The gateway first, so that it finds its upstream to the end.
stop() {
    trap '' INT TERM
    while [ ${#pids[@]} -gt 0 ]; do
        kill "${pids[-1]}" 2>/dev/null || true
        wait "${pids[-1]}" || echo "a program that was started ended with exit code $?" >&2
        unset 'pids[-1]'
    done
    wait
    rm -rf "${directory-}"
    step "Everything is stopped"
}

explain() {
    cat <<END

Both are still running. Talk to them:
  $c_client $socket --help
  $python $python_client $socket snapshot
  curl $url/models
What they log is in $directory. Stop them:
  kill ${pids[*]} && rm -r $directory
END
}

step() {
    echo "==> $*"
}

fail() {
    echo "quickstart: $*" >&2
    exit 1
}

main "$@"
