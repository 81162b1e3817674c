#!/bin/bash
# The real window on a real screen (one in memory), driven with keys and pointer through the fix of a real conflict and back again; and what
# the program says where a library of the window system is missing. Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports
KEYBOARD=/usr/lib/x86_64-linux-gnu/libxkbcommon-x11.so.0

unit() { install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/$1" <<<"$2"; }
part() { echo "/usr/local/bin/puppet --puppet '$1'"; }
is() { [ "$(inside systemctl show -P ActiveState "$1")" = "$2" ]; }
on_screen() { inside env DISPLAY=:7 HOME=/root "$@"; }
report() { inside sh -c 'ls /root/*_1433_*.md'; }

machine_build xvfb xdotool libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libvulkan1 mesa-vulkan-drivers
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

echo "-- through the fix with keys"
inside systemctl start window
waits on_screen xdotool search --onlyvisible --name '^PortMedic$' windowfocus
sleep 1
on_screen xdotool type demo-db
# Enter is the next step on every page, and does nothing while a page works.
forward() { on_screen xdotool key Return && sleep 0.5 && report; }
check "every page leads to the next, and the report is saved" waits forward
check "the service runs" is demo-db active
check "the client lives on" is backup active
check "the port is kept" [ "$(inside cat $RESERVED)" = 1433 ]
check "the report says so" inside sh -c 'grep -q "Result:\*\* Fixed" /root/*_1433_*.md'

echo "-- and back with the pointer"
on_screen xdotool mousemove 100 454 click 1
sleep 1
on_screen xdotool mousemove 970 130 click 1
sleep 1
on_screen xdotool key Tab Return
kept() { [ -n "$(inside cat $RESERVED)" ]; }
no_longer_kept() { ! kept; }
check "the change is taken back" waits no_longer_kept
check "the window is still there" is window active

summary
