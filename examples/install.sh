#!/bin/sh
# Builds the Models Gateway and installs it, or takes it away again. See --help.
set -eu
umask 022

usage() {
    cat <<'END'
usage: examples/install.sh [--prefix DIR]
       examples/install.sh --uninstall [--prefix DIR]

Builds for release, and installs below DIR, which is /usr/local for root and ~/.local for everybody else:

  bin/models-gateway                        the daemon and the command line
  lib, include                              libmodels-client for C and C++, with its headers and models-client.pc
  share/models-gateway/*.whl                the Python package, for pip in an environment of yours
  share/man, share/bash-completion,         the manual page, and completions for bash, zsh and fish
    share/zsh, share/fish
  lib/systemd/user, in ~/.local share/...   user units: the sockets, and the service behind them
  share/models-gateway/manifest             what was installed

--uninstall stops and disables your units, and removes what the manifest names and the directories that were made for
it, nothing else. Installing again replaces what was installed before. The environment's DESTDIR=DIR puts everything
below another root.

Exit code 0: done; 64: a wrong command line; 1: anything else.
END
}

main() {
    parse "$@"
    resolve_prefix
    if [ -n "$uninstall" ]; then uninstall; else install_all; fi
}

parse() {
    prefix=
    uninstall=
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix)
                shift
                prefix=${1-}
                check_prefix
                ;;
            --prefix=*)
                prefix=${1#--prefix=}
                check_prefix
                ;;
            --uninstall) uninstall=yes ;;
            --help | -h) usage && exit 0 ;;
            -p* | --p* | --dest* | --dir*) wrong "'$1' is not known: --prefix DIR is meant, perhaps" ;;
            -u* | --u* | --r* | uninstall | remove) wrong "'$1' is not known: --uninstall is meant, perhaps" ;;
            -*) wrong "'$1' is not known: there are --prefix DIR, --uninstall and --help" ;;
            *) wrong "'$1' is one word too many: a directory is given as --prefix '$1'" ;;
        esac
        shift
    done
}

# What has a meaning of its own in a unit, a makefile or for pkg-config is refused; a blank is none of that.
check_prefix() {
    case $prefix in
        '') wrong '--prefix needs a directory' ;;
        -*) wrong "--prefix needs a directory, and got '$prefix'; one of that name is ./$prefix" ;;
        *[\'\"\\\$\`%\|\&#[:cntrl:]]*)
            wrong "--prefix takes no directory with quotes, \\ \$ % | & # or a newline in it"
            ;;
    esac
}

wrong() {
    echo "install.sh: $1; see $0 --help" >&2
    exit 64
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

# Sets what all else goes by: $prefix without .. and doubled slashes, $target, where that is under DESTDIR.
resolve_prefix() {
    if [ -z "$prefix" ]; then
        if [ "$(id -u)" -eq 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
    fi
    prefix=$(realpath --canonicalize-missing --no-symlinks -- "$prefix")
    [ "$prefix" != / ] || wrong '--prefix takes another directory than /'
    root=
    if [ -n "${DESTDIR-}" ]; then root=$(realpath --canonicalize-missing --no-symlinks -- "$DESTDIR"); fi
    target=${root%/}$prefix
    manifest=share/models-gateway/manifest
    case $prefix in
        "${HOME-}/.local") units=share/systemd/user ;;
        *) units=lib/systemd/user ;;
    esac
}

install_all() {
    check_target
    cd "$(dirname "$0")/.."
    . examples/stage.sh
    build_release
    stage=$(mktemp -d "$PWD/.build/install.XXXXXX")
    trap 'rm -rf "$stage"' EXIT
    stage_gateway "$stage" "$prefix" "$prefix/$units"
    stage_library "$stage" "$prefix" "$prefix/lib"
    stage_wheel "$stage$prefix/share/models-gateway"
    if [ -f "$target/$manifest" ]; then remove_installed; fi
    copy_staged
    if is_system; then ldconfig; fi
    explain
}

# Before minutes are spent on a build.
check_target() {
    existing=$target
    while [ ! -e "$existing" ]; do existing=$(dirname "$existing"); done
    [ -d "$existing" ] || fail "$existing is not a directory"
    [ -w "$existing" ] || fail "$existing may not be written to: run this as another user, or with another --prefix"
}

# The list is made first, as it has the directories that are not there yet.
copy_staged() {
    list=$(list_staged)
    (cd "$stage$prefix" && find . ! -type d) | while IFS= read -r file; do
        mkdir -p "$(dirname "$target/$file")"
        cp -P --remove-destination "$stage$prefix/$file" "$target/$file"
    done
    printf '%s\n' "$list" >"$target/$manifest"
}

# The files, then the directories that are made for them, deepest first; those that are not below the prefix in full.
list_staged() {
    (cd "$stage$prefix" && find . ! -type d -printf '%P\n' | LC_ALL=C sort)
    echo "$manifest"
    (cd "$stage$prefix" && find . -mindepth 1 -type d -printf '%P\n' | LC_ALL=C sort -r) |
        while IFS= read -r directory; do
            if [ ! -d "$target/$directory" ]; then echo "$directory/"; fi
        done
    made=$prefix
    while [ ! -d "$root$made" ]; do
        echo "$made/"
        made=$(dirname "$made")
    done
}

# A directory that somebody else has put something into stays.
remove_installed() {
    while IFS= read -r line; do
        case $line in
            /*) rmdir "$root$line" 2>/dev/null || true ;;
            */) rmdir "$target/$line" 2>/dev/null || true ;;
            *) rm -f "$target/$line" ;;
        esac
    done <"$target/$manifest"
}

uninstall() {
    [ -f "$target/$manifest" ] ||
        fail "nothing is installed below $target: there is no $target/$manifest. Where else it is, --prefix says"
    stop_units
    remove_installed
    if is_system; then ldconfig; fi
    if [ -n "$stopped" ]; then systemctl --user daemon-reload || true; fi
    echo "Removed the Models Gateway from $target."
    if is_system; then
        echo 'Units of other users go on until each says: systemctl --user disable --now models-gateway.socket'
    fi
}

# Those of whoever runs this, if they are the ones that were installed here.
stop_units() {
    stopped=
    unit=$(systemctl --user show --property FragmentPath --value models-gateway.socket 2>/dev/null) || return 0
    own=$target/$units/models-gateway.socket
    if [ -n "$root" ] || [ "$(realpath -- "$unit" 2>/dev/null)" != "$(realpath -- "$own")" ]; then return 0; fi
    if systemctl --user disable --now models-gateway.socket models-gateway.service; then stopped=yes; fi
}

is_system() {
    [ "$(id -u)" -eq 0 ] && [ "$target" = /usr/local ]
}

explain() {
    echo "Installed below $target. Next:"
    echo
    case :$PATH: in
        *":$prefix/bin:"*) ;;
        *) echo "  export PATH=\"$prefix/bin:\$PATH\"" ;;
    esac
    case $prefix in
        /usr/local | "${HOME-}/.local") ;;
        *)
            for unit in models-gateway.socket models-gateway.service; do
                echo "  systemctl --user link \"$prefix/$units/$unit\""
            done
            ;;
    esac
    cat <<END
  systemctl --user daemon-reload && systemctl --user enable --now models-gateway.socket
  models-gateway status
  pip install "$prefix"/share/models-gateway/*.whl        # in a virtual environment
END
}

main "$@"
