#!/bin/bash
# Runs the fuzz targets. See --help.
set -u

targets=(
    Frames HTTP2Sessions GRPCHeads HTTPRequests RequestPayloads JSONToProtobuf ListMemos ProtobufToJSON ModelStreams
    HTTPResponses Locations ClientReader
)

usage() {
    cat <<EOF
usage: Tests/Fuzz/run.sh [--plain] SECONDS [TARGET...]

Builds the libFuzzer targets with AddressSanitizer, optimised, into .build-fuzz, and runs each for SECONDS; without a
TARGET all of them:

$(fold --spaces --width=118 <<<"${targets[*]}" | sed 's/^/  /; s/ *$//')

With --plain they are built without AddressSanitizer, into .build-fuzz-plain: three times as many executions, which find
what is wrong but not who has read where nothing is.

A run begins with the seeds in Tests/Fuzz/Corpora and with what earlier runs have found worth keeping in
.build-fuzz/corpora. Two thirds of the time go to inputs of at most 512 bytes, of which there are many more, and one to
inputs of at most 4,096. The first finding ends everything and is written to .build-fuzz/findings; to see it again:

  .build-fuzz/release/FuzzTARGET FILE

The last line is the number of executions, or the target that has found something; the exit code is then 1.
EOF
}

fail() {
    echo "$1" >&2
    exit "${2:-1}"
}

case ${1-} in
    --help | -h) usage && exit 0 ;;
esac
build=.build-fuzz
sanitizers=(--sanitize address --sanitize fuzzer -Xswiftc "-sanitize=fuzzer,address")
clang_sanitizers=fuzzer,address,undefined
if [ "${1-}" = --plain ]; then
    build=.build-fuzz-plain
    sanitizers=(--sanitize fuzzer -Xswiftc -sanitize=fuzzer)
    clang_sanitizers=fuzzer
    shift
fi
case ${1-} in
    "" | *[!0-9]*) usage >&2 && exit 64 ;;
esac
seconds=$1
shift
for target; do
    [[ " ${targets[*]} " == *" $target "* ]] || fail "There is no target '$target': ${targets[*]}" 64
done
if [ $# -gt 0 ]; then targets=("$@"); fi

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export MODELS_GATEWAY_FUZZ=1
# Half of the time would go into remembering who allocated what; running a finding alone tells it all the same.
export ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=8
# A crash is libFuzzer's, which writes down what has led to it.
export SWIFT_BACKTRACE=enable=no

build() {
    if [ "$1" = ClientReader ]; then
        build_client_reader
        return
    fi
    # Testable, because most of what is fuzzed is internal. Of several -sanitize the Swift compiler takes the last one.
    swift build --quiet --configuration release --scratch-path $build "${sanitizers[@]}" -Xswiftc -enable-testing \
        --product "Fuzz$1"
}

# The C library needs no Swift; libFuzzer comes with Swift's clang.
build_client_reader() {
    local clang library=Sources/CModelsClient
    clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    mkdir -p $build/release
    # shellcheck disable=SC2046 # lists of words
    "$clang" -std=c11 -D_GNU_SOURCE -O2 -g -fsanitize=$clang_sanitizers -fno-sanitize-recover=undefined \
        -fno-sanitize=function -fuse-ld=lld -I$library/include $(pkg-config --cflags libprotobuf-c) \
        -o $build/release/FuzzClientReader Tests/Fuzz/ClientReader/ClientReader.c \
        $library/*.c $library/pieces/models/v1/models.pb-c.c \
        $(pkg-config --libs libprotobuf-c)
}

# Runs TARGET for so many SECONDS with inputs of at most LENGTH bytes, and adds to the executions.
fuzz() {
    local target=$1 seconds=$2 length=$3 dictionary=Tests/Fuzz/Corpora/$1.dict options=()
    local log=.build-fuzz/findings/$1.log
    mkdir -p ".build-fuzz/corpora/$1" .build-fuzz/findings
    if [ -e "$dictionary" ]; then options+=("-dict=$dictionary"); fi
    "$build/release/Fuzz$target" -max_total_time="$seconds" -max_len="$length" -timeout=10 -print_final_stats=1 \
        -print_funcs=0 -artifact_prefix=".build-fuzz/findings/$target-" "${options[@]}" \
        ".build-fuzz/corpora/$target" "Tests/Fuzz/Corpora/$target" >"$log" 2>&1 || {
        grep -v '^#' "$log" | tail -n 60
        return 1
    }
    executions=$((executions + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")))
}

fuzz_lengths() {
    executions=0
    fuzz "$1" $((seconds - seconds / 3)) 512 && fuzz "$1" $(((seconds + 2) / 3)) 4096
}

total=0
for target in "${targets[@]}"; do build "$target" || fail "$target does not build"; done
for target in "${targets[@]}"; do
    fuzz_lengths "$target" || fail "$target has found something: $(ls -t ".build-fuzz/findings/$target-"* | head -n 1)"
    echo "$target: $executions executions"
    total=$((total + executions))
done
echo "$total executions, no finding"
