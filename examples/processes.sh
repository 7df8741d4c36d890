# Sourced by the examples: starts programs, waits until they are ready, and stops them again. What they log is in
# `directory`, which belongs to the example and goes away with them.

pids=()

make_directory() {
    directory=$(mktemp -d)
    trap stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Runs a program in the background and waits until it says that it is ready; `ready_line` is what it said.
start() {
    local name=$1 output
    shift
    mkfifo "$directory/$name.output"
    "$@" </dev/null >"$directory/$name.output" 2>&1 &
    pids+=("$!")
    exec {output}<"$directory/$name.output"
    rm "$directory/$name.output"
    ready_line=
    until [[ $ready_line == *ready* ]]; do
        IFS= read -r -t 30 -u "$output" ready_line || fail "the $name has ended, or was not ready within 30 s"
        echo "$ready_line" | tee -a "$directory/$name.log"
    done
    # Goes on reading, as a program stops when it writes to a pipe that nobody empties.
    cat <&"$output" >>"$directory/$name.log" 2>/dev/null &
    exec {output}<&-
}

start_simulator() {
    step "Starting a simulator of Pieces OS"
    start simulator "$simulator" --port 0 --models 60 --seed 1
    url=$(grep -o 'http://[0-9.:]*' <<<"$ready_line")
}

# The program that was started last, so that the gateway finds its upstream to the end.
stop_last() {
    kill "${pids[-1]}" 2>/dev/null || true
    wait "${pids[-1]}" || echo "a program that was started ended with exit code $?" >&2
    unset 'pids[-1]'
}

stop() {
    trap '' INT TERM
    while [ ${#pids[@]} -gt 0 ]; do stop_last; done
    wait
    rm -rf "$directory"
    step "Everything is stopped"
}

step() {
    echo "==> $*"
}

fail() {
    echo "$(basename "$0" .sh): $*" >&2
    exit 1
}

# Builds the gateway, the simulator, the C library and its examples, and installs the packages for that and those that are named.
install_and_build() {
    command -v swift >/dev/null || fail "swift is missing: install Swift 6.2 or later, see https://swift.org/install"
    "$root/examples/install-dependencies.sh" gcc libc6-dev make pkg-config python3 python3-protobuf \
        libuv1-dev libprotobuf-c-dev libsimdjson-dev libnghttp2-dev zlib1g-dev "$@"
    cd "$root"
    for product in models-gateway pieces-os-simulator; do
        step "Building $product (minutes the first time, seconds after that)"
        swift build --quiet --configuration release --product "$product"
    done
    build_c_examples
}

# The library is installed below .build, and the examples find it there as they would anywhere.
build_c_examples() {
    step "Building the C library and its examples"
    make --silent -C "$root/Sources/CModelsClient" install PREFIX="$root/.build/prefix"
    PKG_CONFIG_PATH=$root/.build/prefix/lib/pkgconfig make --silent -C "$root/examples/c" OUT="$root/.build/examples"
}
