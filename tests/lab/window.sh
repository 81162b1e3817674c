#!/bin/bash
# The real window on a real screen (one in memory), driven with keys and pointer through the fix of a real conflict and back again; and what
# the program says where a library of the window system is missing. Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
# Its last picture stays in target/lab/window.png.
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports
KEYBOARD=/usr/lib/x86_64-linux-gnu/libxkbcommon-x11.so.0
ACCENT='#0B6285' # of the light theme, see src/ui/theme.rs

unit() { install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/$1" <<<"$2"; }
part() { echo "/usr/local/bin/puppet --puppet '$1'"; }
is() { [ "$(inside systemctl show -P ActiveState "$1")" = "$2" ]; }
on_screen() { inside env DISPLAY=:7 HOME=/root "$@"; }

# The screen without the field for the text, in which a caret blinks.
picture() {
    on_screen sh -c 'import -window root miff:- | convert - -fill black -draw "rectangle 260,90 1060,160" rgb:-' | sha256sum
}

# turns COMMAND...: does it, then waits until the picture has changed and rests.
turns() {
    local before last now
    before=$(picture)
    last=$before
    "$@"
    for _ in $(seq 200); do
        now=$(picture)
        [ "$now" != "$before" ] && [ "$now" = "$last" ] && return 0
        last=$now
    done
    echo "the picture did not change after: $*"
    return 1
}

press() { turns on_screen xdotool key "$@"; }
click() { turns on_screen xdotool mousemove "$1" "$2" click 1; }

# click_primary: clicks the button of the footer that is filled with the accent colour, wherever the footer puts it.
click_primary() {
    local middle
    middle=$(on_screen sh -c "import -window root miff:- | convert - -crop 924x50+176+670 -fill black +opaque '$ACCENT' -trim -format '%[fx:page.x+w/2] %[fx:page.y+h/2]' info:-")
    click ${middle:?}
}

machine_build xvfb xdotool imagemagick libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libvulkan1 mesa-vulkan-drivers
unit backend.service "[Service]
ExecStart=$(part '{"Listen":{"at":"127.0.0.1:9000","v6only":false,"reuse_port":false,"waiting":0}}')"
unit backup.service "[Unit]
Requires=backend.service
After=backend.service
[Service]
ExecStart=$(part '{"Connect":{"to":"127.0.0.1:9000","count":1}}')"
unit demo-db.service "[Service]
ExecStart=$(part '{"Listen":{"at":"0.0.0.0:1433","v6only":false,"reuse_port":false,"waiting":0}}')"
unit screen.service "[Service]
ExecStart=/usr/bin/Xvfb :7 -screen 0 1100x720x24"
unit window.service "[Service]
Environment=DISPLAY=:7 HOME=/root
ExecStart=/usr/bin/portmedic"
machine_boot

inside systemctl start backend
waits inside grep -q ' 0100007F:2328 00000000:0000 0A ' /proc/net/tcp
inside sh -c 'echo 1433 1433 >/proc/sys/net/ipv4/ip_local_port_range'
inside systemctl start backup
waits inside grep -q ' 0100007F:0599 0100007F:2328 01 ' /proc/net/tcp
inside sh -c 'echo 1024 8999 >/proc/sys/net/ipv4/ip_local_port_range'
inside systemctl start demo-db 2>/dev/null || true
waits is demo-db failed

echo "-- where no window can open"
check "without a display: said, and exit code 2" answers 2 inside env -u DISPLAY -u WAYLAND_DISPLAY portmedic
check "with the commands" grep -q "portmedic diagnose" "$ANSWER.err"
inside systemctl start screen
waits on_screen xdotool getdisplaygeometry
inside mv "$KEYBOARD" "$KEYBOARD.away"
check "without a library: said, and exit code 2" answers 2 on_screen portmedic
check "with the package that brings it" grep -q "apt install libxkbcommon-x11-0" "$ANSWER.err"
inside mv "$KEYBOARD.away" "$KEYBOARD"

echo "-- through the fix"
check "the window opens" turns inside systemctl start window
waits on_screen xdotool search --onlyvisible --name '^PortMedic$' windowfocus
check "the button waits for a name" turns on_screen xdotool type demo-db
check "the service is looked at" press Return
check "the owner is shown" press Return
check "the fixes are shown" press Return
check "nothing was changed so far" eval '[ -z "$(inside cat $RESERVED)" ] && [ -z "$(inside ls /etc/sysctl.d)" ] && is demo-db failed'
check "a click on the primary button applies the fix" click_primary
check "the port is kept" waits inside grep -qx 1433 $RESERVED
check "the service runs" waits is demo-db active
check "the client lives on" is backup active
saved() { inside sh -c 'grep -q "Fixed" /root/*_1433_*.html'; }
# Enter is the next step, and does nothing while the page works.
forward() { saved || { on_screen xdotool key Return && saved; }; }
check "the report of the proof is saved" waits forward
mkdir -p ../../target/lab
on_screen import -window root png:- >../../target/lab/window.png

echo "-- and back with the pointer"
check "the history is shown" click 100 493
check "what an undo would do is shown" click 885 103
on_screen xdotool key Tab Return
check "the change is taken back" waits inside sh -c '! grep -q . /proc/sys/net/ipv4/ip_local_reserved_ports'
check "the window is still there" is window active
summary
