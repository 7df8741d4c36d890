#!/usr/bin/env bash
# The example clients in a sandbox that has no network, and the gateway's socket as the only way out. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/examples/processes.sh"

main() {
    programs=$root/.build/release
    case "$#,${1-}" in
        0,) install_and_build bubblewrap ;;
        2,--programs) programs=$(realpath "$2") && build_c_examples ;;
        1,--help | 1,-h) help && exit 0 ;;
        *) help >&2 && exit 64 ;;
    esac
    bwrap --unshare-all --ro-bind / / true || fail "bubblewrap cannot make a sandbox here"

    simulator=$programs/pieces-os-simulator
    make_directory
    mkdir -m 700 "$directory/bridge"
    start_simulator
    step "Starting the gateway, with a socket over which models can be read and no more"
    start_gateway
    step "Entering a sandbox in which there is the socket's directory, and no network"
    enter_sandbox

    step "HTTP works out here, and not in there"
    /usr/bin/python3 "$root/examples/sandbox/http_get.py" "$url/models" || fail "the simulator does not answer"
    expect 1 "Connection refused|Network is unreachable" "python3 /clients/http_get.py $url/models"

    step "The snapshot works in there, from C and from Python"
    both_clients 0 "^60 models$" list list_models.py

    step "To delete a model is refused there"
    model=$(sed -n -E 's/.* ([0-9a-f-]{36})$/\1/p' <<<"$output" | head -n 1)
    [ -n "$model" ] || fail "the snapshot has no model's id"
    both_clients 1 "PERMISSION_DENIED" "delete $model" "delete_model.py $model"

    step "While the gateway is away there is nobody to talk to; after its restart the same sandbox is served again"
    stop_last
    both_clients 1 "[Nn]o such (file|socket)|it is not there" list list_models.py
    start_gateway
    both_clients 0 "^60 models$" list list_models.py

    leave_sandbox
    step "Everything was as it should be"
}

help() {
    cat <<END
usage: examples/sandbox/run.sh [--programs DIRECTORY]

Installs what is missing (Debian packages), builds, starts a simulator of Pieces OS and the gateway in front of it, and
runs the C and the Python client under bubblewrap: without a network, and with nothing of the machine but /usr, the
clients, and the directory of a socket whose policy is allow=read.

  --programs DIRECTORY   takes the gateway and the simulator from there, and installs nothing

Exit code 0: everything was as it should be; 1: something was not, and what; 64: wrong command line.
END
}

start_gateway() {
    start gateway "$programs/models-gateway" serve --upstream "$url" --listen "path=$directory/bridge/read.sock,allow=read"
}

# A shell in the sandbox, which reads its commands from a pipe. The directory is bound, not the socket: a gateway that
# starts again makes a new socket, which a bound file would not show.
enter_sandbox() {
    coproc sandbox {
        exec bwrap --unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL \
            --setenv PATH /usr/bin --setenv PYTHONDONTWRITEBYTECODE 1 \
            --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
            --proc /proc --dev /dev --tmpfs /tmp \
            --ro-bind "$root/examples/python" /clients/python \
            --ro-bind "$root/Sources/python/models_gateway" /clients/package/models_gateway \
            --setenv PYTHONPATH /clients/package --setenv MODELS_GATEWAY_SOCKET /bridge/read.sock \
            --ro-bind "$root/examples/sandbox/http_get.py" /clients/http_get.py \
            --ro-bind "$root/.build/examples" /clients/c --ro-bind "$root/.build/prefix" "$root/.build/prefix" \
            --ro-bind "$directory/bridge" /bridge \
            --chdir / /bin/bash 2>&1
    }
    trap 'kill "${sandbox_PID-}" 2>/dev/null || true; stop' EXIT
}

# Closing its pipe ends the shell, and with it the sandbox.
leave_sandbox() {
    local pid=$sandbox_PID
    exec {sandbox[1]}>&-
    wait "$pid" || fail "the sandbox ended with exit code $?"
}

# Runs a command in the sandbox; `output` is what it said. Its exit code and a line of its output have to be these.
expect() {
    local code=$1 pattern=$2 line mark="exit code"
    output=
    echo "$3 </dev/null; code=\$?; echo; echo '$mark' \$code" >&"${sandbox[1]}"
    while IFS= read -r -t 30 -u "${sandbox[0]}" line || fail "the sandbox says nothing"; do
        [[ $line != "$mark "* ]] || break
        output+=$line$'\n'
    done
    grep -v '^$' <<<"$output" | sed -E 's/^(.{140}).*/\1/; s/^/    /; 6,$ d' || true
    [ "$line" = "$mark $code" ] || fail "in the sandbox '$3' had the $line, not $code"
    grep -q -E "$pattern" <<<"$output" || fail "in the sandbox '$3' did not say '$pattern'"
}

# Exit code, pattern, what the C program is called with, and what the Python one is.
both_clients() {
    expect "$1" "$2" "/clients/c/$3"
    expect "$1" "$2" "python3 /clients/python/$4"
}

main "$@"
