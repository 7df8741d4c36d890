# shellcheck shell=sh
# Puts what is installed into a directory of its own, as it is to stand below a prefix. install.sh and debian.sh read
# this file, in the root of the repository.

. examples/install-dependencies.sh

build_release() {
    require_swift || return 1
    install_dependencies gcc libc6-dev make binutils pkg-config libuv1-dev libprotobuf-c-dev libsimdjson-dev \
        libnghttp2-dev zlib1g-dev python3 python3-setuptools python3-wheel || return 1
    echo 'Building models-gateway (minutes the first time, seconds after that)'
    MODELS_GATEWAY_REVISION=$(git rev-parse --short=12 HEAD 2>/dev/null || true)
    export MODELS_GATEWAY_REVISION
    swift build --quiet --configuration release --product models-gateway || return 1
    built=$(swift build --configuration release --show-bin-path)/models-gateway
}

# stage_gateway STAGE PREFIX UNITS: the program, its manual page, its completions, and its units, which are in UNITS.
stage_gateway() {
    program=$1$2/bin/models-gateway
    install -D -m 755 "$built" "$program"
    strip "$program"
    install -D -m 644 Sources/models-gateway/models-gateway.1 "$1$2/share/man/man1/models-gateway.1"
    stage_completion bash "$1$2/share/bash-completion/completions/models-gateway"
    stage_completion zsh "$1$2/share/zsh/site-functions/_models-gateway"
    stage_completion fish "$1$2/share/fish/vendor_completions.d/models-gateway.fish"
    # A path with a blank in it is quoted for systemd. The comment on how to install by hand is for who does.
    start=$2/bin/models-gateway
    case $start in *' '*) start="\"$start\"" ;; esac
    install -d "$1$3"
    for unit in models-gateway.socket models-gateway.service; do
        sed -e '/by hand:$/,/^$/d' -e "s|^ExecStart=[^ ]*|ExecStart=$start|" "examples/systemd/$unit" >"$1$3/$unit"
        chmod 644 "$1$3/$unit"
    done
}

# stage_completion SHELL FILE
stage_completion() {
    install -d "$(dirname "$2")"
    "$built" --generate-completion-script "$1" >"$2"
    chmod 644 "$2"
}

# stage_library STAGE PREFIX LIBDIR
stage_library() {
    make --silent -C Sources/CModelsClient install DESTDIR="$1" PREFIX="$2" LIBDIR="$3" INCLUDEDIR="$2/include"
    strip --strip-unneeded "$1$3/libmodels-client.so.0"
}

# stage_wheel DIRECTORY: built from a copy, as setuptools leaves things where it builds.
stage_wheel() {
    source=$(mktemp -d "$PWD/.build/wheel.XXXXXX")
    mkdir -p "$1"
    cp -R Sources/python/pyproject.toml Sources/python/README.md Sources/python/models_gateway "$source"
    find "$source" -name __pycache__ -prune -exec rm -rf {} +
    build='import sys, setuptools.build_meta as backend; backend.build_wheel(sys.argv[1])'
    (cd "$source" && /usr/bin/python3 -c "$build" "$1" >build.log 2>&1) || {
        cat "$source/build.log" >&2
        return 1
    }
    rm -rf "$source"
    chmod 644 "$1"/*.whl
}
