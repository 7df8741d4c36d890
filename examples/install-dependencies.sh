#!/bin/sh
# Installs those of the named Debian packages that are missing; says which before it does.
#
#   examples/install-dependencies.sh PACKAGE...           as a command
#   . examples/install-dependencies.sh                    in a script, then
#   install_dependencies PACKAGE...
#   require_swift                                         says where Swift is to be had, if it is missing
#
# Exit code 0 when all packages are there, 1 when they could not be installed.

require_swift() {
    command -v swift >/dev/null && return
    echo "Swift 6.2 or later is needed, and there is no 'swift' on the PATH: see https://www.swift.org/install" >&2
    return 1
}

install_dependencies() {
    missing=
    for package; do
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
            installed) ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0

    if ! command -v apt-get >/dev/null; then
        echo "These Debian packages are needed, and there is no apt-get to install them with:$missing" >&2
        echo "Install what your system calls them, on Debian 12 or a relative of it." >&2
        return 1
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null; then
            echo "Missing, and only root can install them:$missing" >&2
            return 1
        fi
    fi

    echo "Installing with apt-get:$missing"
    # shellcheck disable=SC2086 # a list of words
    $as_root apt-get --quiet --quiet update &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get --quiet --quiet --yes --no-install-recommends install $missing >/dev/null || {
        echo "apt-get could not install:$missing" >&2
        return 1
    }
}

case $0 in
    *install-dependencies.sh) install_dependencies "$@" ;;
esac
