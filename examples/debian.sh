#!/bin/sh
# Makes Debian packages for the release of Debian that it runs on, and leaves them in .build/debian. See --help.
set -eu
umask 022

usage() {
    cat <<'END'
usage: examples/debian.sh

Builds for release, and makes of that, in .build/debian,

  models-gateway            the daemon and the command line, with manual page, completions and user units
  libmodels-client0         the C library
  libmodels-client-dev      what is needed to build with it
  python3-models-gateway    the Python package

for the release of Debian that it runs on. Install them with: apt install ./.build/debian/*.deb

Exit code 0: all four are there; 64: a wrong command line; 1: anything else.
END
}

main() {
    case "$*" in
        '') ;;
        --help | -h) usage && exit 0 ;;
        *) echo "debian.sh: '$*' is more than it takes; see $0 --help" >&2 && exit 64 ;;
    esac
    cd "$(dirname "$0")/.."
    . examples/stage.sh
    install_dependencies dpkg dpkg-dev gzip
    build_release
    out=$PWD/.build/debian
    rm -rf "$out"
    work=$(mktemp -d "$PWD/.build/debian.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$out" "$work/debian"
    # dpkg-shlibdeps wants to stand in a source package.
    printf 'Source: models-gateway\n\nPackage: models-gateway\nArchitecture: any\n' >"$work/debian/control"
    architecture=$(dpkg --print-architecture)
    libraries=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
    version=$(sed -n 's/^#define MODELS_CLIENT_VERSION "\(.*\)"/\1/p' Sources/CModelsClient/include/models_client.h)

    pack_gateway
    pack_library
    pack_python
}

pack_gateway() {
    tree=$work/models-gateway
    stage_gateway "$tree" /usr /usr/lib/systemd/user
    gzip -9 -n "$tree/usr/share/man/man1/models-gateway.1"
    # Where zsh looks for what packages bring.
    mkdir "$tree/usr/share/zsh/vendor-completions"
    mv "$tree/usr/share/zsh/site-functions/_models-gateway" "$tree/usr/share/zsh/vendor-completions/"
    rmdir "$tree/usr/share/zsh/site-functions"
    needed=$(needed_libraries "$tree/usr/bin/models-gateway")
    pack models-gateway "$architecture" net "$needed" 'Models API of Pieces OS on a Unix socket' \
        'A local daemon that answers ttrpc and gRPC clients, and a command line that is one of them.'
}

pack_library() {
    tree=$work/libmodels-client0
    stage_library "$work/libmodels-client-dev" /usr "$libraries"
    mkdir -p "$tree$libraries" "$tree/DEBIAN"
    mv "$work/libmodels-client-dev$libraries/libmodels-client.so.0" "$tree$libraries/"
    needed=$(needed_libraries "$tree$libraries/libmodels-client.so.0")
    echo "libmodels-client 0 libmodels-client0 (>= $version)" >"$tree/DEBIAN/shlibs"
    echo 'activate-noawait ldconfig' >"$tree/DEBIAN/triggers"
    pack libmodels-client0 "$architecture" libs "$needed" 'C library for clients of the Models Gateway' \
        'It connects by itself, and depends on libprotobuf-c alone.'
    pack libmodels-client-dev "$architecture" libdevel "libmodels-client0 (= $version), libprotobuf-c-dev" \
        'C library for clients of the Models Gateway, to build with' \
        'The headers, the static library and models-client.pc.'
}

# Python's bytecode is made at installation and goes with the package.
pack_python() {
    tree=$work/python3-models-gateway
    stage_wheel "$work/wheel"
    mkdir -p "$tree/usr/lib/python3/dist-packages" "$tree/DEBIAN"
    python3 -m zipfile -e "$work"/wheel/*.whl "$tree/usr/lib/python3/dist-packages"
    # shellcheck disable=SC2016 # dpkg says it to the script
    write_script postinst 'if [ "$1" = configure ]; then py3compile -p python3-models-gateway; fi'
    write_script prerm 'py3clean -p python3-models-gateway'
    pack python3-models-gateway all python 'python3 (>= 3.9), python3-protobuf (>= 3.20.2)' \
        'Python client of the Models Gateway' 'For threads and for asyncio, with types.'
}

# write_script NAME COMMAND: what dpkg runs, of the package in $tree.
write_script() {
    printf '#!/bin/sh\nset -e\n%s\n' "$2" >"$tree/DEBIAN/$1"
    chmod 755 "$tree/DEBIAN/$1"
}

# needed_libraries FILE: what that needs, as dpkg knows it.
needed_libraries() {
    found=$(cd "$work" && dpkg-shlibdeps -O -e"$1" 2>"$work/shlibdeps.log") || {
        cat "$work/shlibdeps.log" >&2
        return 1
    }
    echo "${found#shlibs:Depends=}"
}

# pack NAME ARCHITECTURE SECTION DEPENDS SHORT LONG: makes a package of the tree $work/NAME.
pack() {
    made=$work/$1
    deb=$out/$1_${version}_$2.deb
    mkdir -p "$made/DEBIAN"
    cat >"$made/DEBIAN/control" <<END
Package: $1
Source: models-gateway
Version: $version
Architecture: $2
Maintainer: Models Gateway <models-gateway@localhost>
Installed-Size: $(du -k -s --exclude=DEBIAN "$made" | cut -f 1)
Depends: $4
Section: $3
Priority: optional
Description: $5
 $6
END
    (cd "$made" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -z1 --build "$made" "$deb" >/dev/null
    echo "$deb"
}

main "$@"
