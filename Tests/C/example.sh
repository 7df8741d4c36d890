#!/bin/bash
# The example client in C, under valgrind, against the real gateway in front of the simulator. The last line is
# 'N passed, N failed'.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

client=.build/examples/models-client
gateway=${GATEWAY:-.build/debug/models-gateway}
simulator=${SIMULATOR:-.build/debug/pieces-os-simulator}
# valgrind's own exit code for an error that it has seen, which the client never has.
complaint=99
passed=0
failed=0
pids=()

stop() {
    for pid in "${pids[@]}"; do kill "$pid" && wait "$pid"; done 2>/dev/null
    rm -rf "$directory"
}

# Runs a program in the background until it says on its output that it is ready; `ready_line` is what it said.
start() {
    mkfifo "$directory/$1"
    "${@:2}" >"$directory/$1" 2>&1 </dev/null &
    pids+=("$!")
    exec {output}<"$directory/$1"
    until [[ ${ready_line=} == *ready* ]]; do
        read -r -t 30 -u "$output" ready_line || { echo "the $1 is not ready" && exit 1; }
    done
    cat <&"$output" >/dev/null &
    exec {output}<&-
}

# check NAME CODE TEXT ARGUMENT...: the exit code of the client, and what has to be in its output.
check() {
    local name=$1 code=$2 text=$3 status problem=
    valgrind --quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
        --error-exitcode=$complaint "$client" "${@:4}" >"$directory/out" 2>&1 </dev/null
    status=$?
    [ $status -eq "$code" ] || problem="exit code $status, not $code"
    grep -qF -- "$text" "$directory/out" || problem="${problem:+$problem; }'$text' is not in its output"
    if [ -z "$problem" ]; then
        passed=$((passed + 1))
        echo "ok: $name"
    else
        failed=$((failed + 1))
        echo "FAILED: $name: $problem"
        cat "$directory/out"
    fi
}

# What the client has printed in the last column of the model's row.
model_id() {
    grep -F -- "$1" "$directory/out" | head -n 1 | awk '{ print $NF }'
}

directory=$(mktemp -d)
trap stop EXIT
socket=$directory/gateway.sock

# Anew, so that the compiler has something to complain about.
make --silent --always-make -C examples/c || exit 1
start simulator "$simulator" --port 0
url=$(grep -o 'http://[0-9.:]*' <<<"$ready_line")
unset ready_line
start gateway "$gateway" serve --socket "$socket" --upstream "$url"

check "every command" 0 "There is no model" "$socket" all
check "a snapshot" 0 "60 models" "$socket" snapshot
downloaded=$(awk '$(NF - 1) == "downloaded" { print $NF; exit }' "$directory/out")
check "a stream" 0 "60 models, in messages: 1" --timeout 10 "$socket" stream
check "a new model" 0 "Made by the test" "$socket" create "Made by the test"
created=$(model_id "Made by the test")
check "deleting the model" 0 "deleted $created" "$socket" delete "$created"
check "deleting it again, which the server refuses" 1 "UPSTREAM_HTTP_STATUS" "$socket" delete "$created"
check "deleting a cache" 0 "deleted the cache of" "$socket" delete-cache "$downloaded"
check "unloading" 0 "unloaded all models" "$socket" unload
check "a name that is not UTF-8" 1 "BAD_REQUEST" "$socket" create $'\xff'
check "an id that names no model" 1 "BAD_REQUEST" "$socket" delete ..
check "a deadline that is over" 1 "DEADLINE_EXCEEDED" --timeout 0.000000001 "$socket" snapshot
check "help" 0 "Exit code 0: done" --help
check "a command that there is not" 64 "usage:" "$socket" explode
check "a command without its argument" 64 "usage:" "$socket" delete
check "a timeout that is none" 64 "usage:" --timeout -1 "$socket" snapshot
check "a path that is too long" 1 "too long for the path of a socket" "/$(printf 'x%.0s' {1..108})" snapshot
check "a socket that is not there" 1 "No such file or directory" "$directory/nothing.sock" snapshot

# It has crashed, and its socket is still there.
kill -9 "${pids[1]}"
wait "${pids[1]}" 2>/dev/null
unset 'pids[1]'
check "a socket behind which nobody is" 1 "Connection refused" "$socket" snapshot

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
