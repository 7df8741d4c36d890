#!/bin/bash
# The examples in C, outside of the tree and against an installed library, under valgrind, with the real gateway in
# front of the simulator. The last line is 'N passed, N failed'.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. Tests/C/support/checks.sh

# check NAME CODE TEXT PROGRAM ARGUMENT...: the exit code, and what has to be in the output.
check() {
    run_checked "$1" "$2" "$3" "${under_valgrind[@]}" "$directory/outside/${@:4}"
}

make_directory
make --silent -C Sources/CModelsClient install PREFIX="$directory/prefix" OUT="$directory/library" || exit 1
cp -r examples/c "$directory/outside"
PKG_CONFIG_PATH=$directory/prefix/lib/pkgconfig make --silent -C "$directory/outside" || exit 1
for source in examples/c/*.c; do
    run_checked "$source is short" 0 "" test "$(wc -l <"$source")" -le 60
done
start_simulator
start_gateway
export MODELS_GATEWAY_SOCKET=$socket

check "a list" 0 "60 models" list
downloaded=$(awk '$(NF - 1) == "downloaded" { print $NF; exit }' "$directory/out")
check "a new model" 0 "-" create "Made by the test"
created=$(tail -n 1 "$directory/out")
check "the new model is in the list" 0 "$created" list
check "deleting the model" 0 "" delete "$created"
check "deleting it again, which Pieces OS refuses" 1 "INTERNAL" delete "$created"
check "deleting a cache" 0 "" delete --cache "$downloaded"
check "several calls in an event loop" 0 "60 models" loop
check "a name that is not UTF-8" 1 "INVALID_ARGUMENT" create $'\xff'
check "an id that names no model" 1 "INVALID_ARGUMENT: model: '..' cannot be the id of a model" delete ..
check "a command without its argument" 64 "usage:" delete
check "a name that is missing" 64 "usage:" create
crash_gateway
check "a socket behind which nobody is" 1 "nobody listens. Start the gateway: models-gateway serve --socket $socket" \
    list
check "nobody in the event loop" 1 "nobody listens" loop
export MODELS_GATEWAY_SOCKET=$directory/nothing.sock
check "a socket that is not there" 1 "$directory/nothing.sock: it is not there" list

finish
