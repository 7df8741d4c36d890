#!/bin/bash
# Makes the manual page, models-gateway.1, of what the command line says of itself and of what stands below.
#
#   Sources/models-gateway/manual.sh            writes it
#   Sources/models-gateway/manual.sh --check    changes nothing; exit code 1 and the differences if it is not up to date
#
# Builds for debugging, and once the generator that comes with the parser of the command line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

page=Sources/models-gateway/models-gateway.1
generated=.build/plugins/GenerateManual/outputs/models-gateway/models-gateway.1

case "$*" in
    '' | --check) ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
esac

main() {
    made=$(mktemp)
    trap 'rm -f "$made"' EXIT
    # One date, as the page would be another every day.
    swift package --allow-writing-to-package-directory \
        generate-manual --configuration debug --date 2026-11-01 >"$made" 2>&1 || { cat "$made" >&2 && exit 1; }
    edited | awk -F'\t' "$with_defaults" <(defaults) - >"$made"
    more >>"$made"
    if [ "$*" = --check ]; then
        diff -u "$page" "$made" || { echo "$page is not up to date: run ${BASH_SOURCE[0]}" >&2 && exit 1; }
    else
        install -m 644 "$made" "$page"
    fi
}

# Its own exit status, which knows two of the codes, goes. An empty line is a paragraph, and 'key: meaning' a line.
edited() {
    sed -e '/^\.Sh "EXIT STATUS"/,$d' -e 's/^$/.Pp/' -e '/^[a-z]\{1,\}\(, [a-z]\{1,\}\)\{0,1\}: /i .br' "$generated"
}

# The generator leaves out what the options of serve are without being said: a line for each, its name and what to say.
defaults() {
    .build/debug/models-gateway serve --experimental-dump-help | python3 -c '
import json, sys

for argument in json.load(sys.stdin)["command"]["arguments"]:
    if "defaultValue" in argument:
        values = "".join(["values: ", ", ".join(argument["allValues"]), "; "] if "allValues" in argument else [])
        print(argument["preferredName"]["name"], "(%sdefault: %s)" % (values, argument["defaultValue"]), sep="\t")
'
}

# Says it behind the first sentence about the option.
with_defaults='
    NR == FNR { said[".It Fl -" $1] = $2; next }
    { print $0 (option in said ? " " said[option] : "") }
    { split($0, words, " "); option = words[1] " " words[2] " " words[3] }
'

# What the parser does not know, in mdoc(7).
more() {
    cat <<'END'
.Sh ENVIRONMENT
.Bl -tag -width 6n
.It Ev MODELS_GATEWAY_SOCKET
Where clients look for the gateway.
.It Ev XDG_RUNTIME_DIR
The directory of the default socket; it has to be your own.
.It Ev XDG_DATA_HOME , HOME
Where
.Cm serve
looks for the port of Pieces OS.
.It Ev COLUMNS , NO_COLOR
The most columns that are used of the window; that nothing is coloured.
.It Ev LISTEN_PID , LISTEN_FDS , NOTIFY_SOCKET , WATCHDOG_USEC
What systemd tells
.Cm serve .
.El
.Sh FILES
.Bl -tag -width 6n
.It Pa $XDG_RUNTIME_DIR/models-gateway/gateway.sock
The default socket.
.It Pa /tmp/models-gateway-UID/gateway.sock
The same where there is no XDG_RUNTIME_DIR.
.It Pa ~/.local/share/com.pieces.os/production/Config/.port.txt
Where Pieces OS writes down its port; or the same below
.Pa ~/Documents .
.El
.Sh EXIT STATUS
.Bl -tag -width 6n
.It 0
Done; there may have been nothing to list.
.It 1
The call failed, the output could not be written, or the machine refused something; standard error says what.
.It 2
The gateway is not reachable.
.It 3
No answer in time.
.It 4
.Cm status
and
.Cm health :
calls are not served.
.It 64
A wrong command line, or
.Cm rm
without a yes.
.It 130
Ctrl-C; the call was cancelled.
.El
END
}

main "$@"
