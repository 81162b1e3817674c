#!/bin/bash
# What the real window takes: until its first picture, in memory, and of a processor while nobody touches it, for a minute each with the
# first page and with the live table. On a screen in memory, drawn without a graphics processor.
# Needs Xvfb, xdotool and imagemagick, and `cargo build --release` before.
set -euo pipefail
cd "$(dirname "$0")/../.."
PORTMEDIC=${PORTMEDIC:-target/release/portmedic}
SECONDS_EACH=${SECONDS_EACH:-60}

FOLDER=$(mktemp -d)
trap 'kill "${WINDOW-}" "${SCREEN-}" 2>/dev/null || true; rm -rf "$FOLDER"' EXIT
exec {number}<> <(:)
Xvfb -displayfd "$number" -screen 0 1100x720x24 -nolisten tcp >/dev/null 2>&1 &
SCREEN=$!
read -r -u "$number" -t 20 display
export DISPLAY=:$display HOME=$FOLDER
unset WAYLAND_DISPLAY

# shows: something is drawn where the screen was black.
shows() {
    local colour
    colour=$(import -window root -crop 1x1+400+300 rgb:- | od -An -tu1)
    [ -n "$colour" ] && [ "$colour" != "   0   0   0" ]
}

# ticks: the time that processors gave the window, in hundredths of a second: threads that have ended count, too.
ticks() { awk '{print $14 + $15}' "/proc/$WINDOW/stat"; }

# rests WHAT: what it takes while nobody touches it.
rests() {
    local before
    sleep 12 # what the page does when it opens is over, and the caret rests
    before=$(ticks)
    sleep "$SECONDS_EACH"
    echo "$1: $(awk "BEGIN {printf \"%.2f\", ($(ticks) - $before) / $SECONDS_EACH}") % of a processor," \
        "$(awk '/^VmRSS/ {printf "%.0f MB", $2 * 1.024 / 1000}' "/proc/$WINDOW/status")"
}

begin=$EPOCHREALTIME
"$PORTMEDIC" &
WINDOW=$!
until shows; do kill -0 $WINDOW; done
awk "BEGIN {printf \"first picture: %.0f ms, with up to %.0f ms of looking at the screen\n\", ($EPOCHREALTIME - $begin) * 1000, $(b=$EPOCHREALTIME; shows; echo "($EPOCHREALTIME - $b) * 1000")}"
xdotool search --sync --onlyvisible --name '^PortMedic$' windowfocus
rests "first page"
xdotool mousemove 80 454 click 1 mousemove 600 700
rests "live table"
import -window root "${PICTURE:-/dev/null}"
