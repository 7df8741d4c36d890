# Sourced by the C tests: counts checks, and starts the real gateway in front of the simulator.

gateway=${GATEWAY:-.build/debug/models-gateway}
simulator=${SIMULATOR:-.build/debug/pieces-os-simulator}
# An exit code of valgrind's own for what it has seen.
under_valgrind=(valgrind --quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --error-exitcode=99)
passed=0
failed=0
pids=()

make_directory() {
    directory=$(mktemp -d)
    socket=$directory/gateway.sock
    trap stop EXIT
}

stop() {
    for pid in "${pids[@]}"; do kill "$pid" && wait "$pid"; done 2>/dev/null
    rm -rf "$directory"
}

# Runs a program in the background until it says on its output that it is ready; `ready_line` is what it said.
start() {
    local pipe=$directory/$1.$RANDOM output
    mkfifo "$pipe"
    "${@:2}" >"$pipe" 2>&1 </dev/null &
    pids+=("$!")
    exec {output}<"$pipe"
    ready_line=
    until [[ $ready_line == *ready* ]]; do
        read -r -t 30 -u "$output" ready_line || { echo "the $1 is not ready" && exit 1; }
    done
    cat <&"$output" >/dev/null &
    exec {output}<&-
}

start_simulator() {
    start simulator "$simulator" --port 0 "$@"
    url=$(grep -o 'http://[0-9.:]*' <<<"$ready_line")
}

start_gateway() {
    start gateway "$gateway" serve --socket "$socket" --upstream "$url" "$@"
}

# The program that was started last ends at once, and its socket is still there.
crash_gateway() {
    kill -9 "${pids[-1]}"
    wait "${pids[-1]}" 2>/dev/null
    unset 'pids[-1]'
}

# run_checked NAME CODE TEXT COMMAND...: the exit code, and what has to be in the output, which is in $directory/out.
run_checked() {
    local status problem=
    "${@:4}" >"$directory/out" 2>&1 </dev/null
    status=$?
    [ $status -eq "$2" ] || problem="exit code $status, not $2"
    grep -qF -- "$3" "$directory/out" || [ -z "$3" ] || problem="${problem:+$problem; }'$3' is not in its output"
    if [ -z "$problem" ]; then
        passed=$((passed + 1))
        echo "ok: $1"
    else
        failed=$((failed + 1))
        echo "FAILED: $1: $problem"
        cat "$directory/out"
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
}
