#!/usr/bin/env bash
# One command from a clean clone to the calls of the Models API, from C and from Python. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
simulator=$root/.build/release/pieces-os-simulator
gateway=$root/.build/release/models-gateway
c_examples=$root/.build/examples
python_client=$root/examples/python/every_call.py
python=/usr/bin/python3
# The package runs from where it stands; a program of yours has it installed: pip install ./Sources/python
export PYTHONPATH=$root/Sources/python PYTHONDONTWRITEBYTECODE=1
. "$root/examples/processes.sh"

main() {
    keep=false
    case "$*" in
        "") ;;
        --keep) keep=true ;;
        --help | -h) help && exit 0 ;;
        *) help >&2 && exit 64 ;;
    esac
    install_and_build

    make_directory
    socket=$directory/gateway.sock

    start_simulator
    step "Starting the gateway, from $socket to $url"
    start gateway "$gateway" serve --socket "$socket" --upstream "$url"

    export MODELS_GATEWAY_SOCKET=$socket
    step "From C: a list of all models, a new one, its end, and two calls at once in an event loop"
    "$c_examples/list"
    model=$("$c_examples/create" "Made by C")
    echo "made $model"
    "$c_examples/delete" "$model"
    echo "deleted $model"
    "$c_examples/loop"
    step "Every call from Python: MODELS_GATEWAY_SOCKET=$socket every_call.py"
    "$python" "$python_client"

    if $keep; then
        trap - EXIT
        explain
    fi
}

help() {
    cat <<END
usage: examples/quickstart.sh [--keep]

Installs what is missing (Debian packages), builds, starts a simulator of Pieces OS and the gateway in
front of it, makes calls from C, every call from Python, and stops both again.

  --keep   leaves the two running, and says how to talk to them and how to stop them

Exit code 0: every call was answered as it should be; 64: wrong command line; else something went wrong.
END
}

explain() {
    cat <<END

Both are still running. Paste this, and the lines of README.md work with them:
  export MODELS_GATEWAY_SOCKET=$socket PATH=$(dirname "$gateway"):\$PATH
Talk to them:
  models-gateway list
  $c_examples/list
  PYTHONPATH=$PYTHONPATH $root/examples/python/list_models.py
  curl $url/models
What they log is in $directory. Stop them:
  kill ${pids[*]} && rm -r $directory
END
}

main "$@"
