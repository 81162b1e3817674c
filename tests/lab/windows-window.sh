#!/bin/bash
# The window of the Windows executable in Wine, on a screen in memory, driven with keys and pointer through the fix of a practice machine, in
# both themes; what the executable imports; and how it answers a shell. Root; `.ci/windows cargo build` has made it.
# Its pictures stay in target/lab/windows-*.png: look at them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/lab/checks.sh

EXE=target/windows/x86_64-pc-windows-gnu/debug/portmedic.exe
PREFIX=${WINEPREFIX:-$PWD/target/wine}
SETTINGS=$PREFIX/drive_c/users/root/AppData/Local/PortMedic/settings.toml
ACCENT='#0B6285' # of the light theme, see src/ui/theme.rs
# Libraries that every supported Windows has in its own folder. `api-ms-win-*` are its names for parts of them.
SYSTEM=" advapi32 bcrypt bcryptprimitives combase crypt32 dwmapi dwrite dxgi gdi32 imm32 iphlpapi kernel32 ktmw32 msvcrt netapi32 ntdll ole32
 oleaut32 opengl32 pdh powrprof propsys psapi rpcrt4 secur32 setupapi shell32 shlwapi uiautomationcore user32 userenv uxtheme version
 wevtapi winhttp winmm ws2_32 "
export DISPLAY=:86
mkdir -p target/lab

# of_wine: the programs that run in our Wine. Its desktop keeps the screen that it began with, so it begins anew.
of_wine() { grep -lzxF "WINEPREFIX=$PREFIX" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 | while read -r pid; do
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qi 'wineserver\|\.exe' && echo "$pid"; done; true; }
end_wine() { local pids; pids=$(of_wine); [ -z "$pids" ] || kill $pids 2>/dev/null || true; waits eval '[ -z "$(of_wine)" ]'; }

imports() { x86_64-w64-mingw32-objdump -p "$EXE" | sed -n 's/^\s*DLL Name: \(.*\)\.dll$/\1/Ip' | tr 'A-Z' 'a-z' | sort -u; }
only_system() {
    local name strange=()
    while read -r name; do
        case "$SYSTEM" in *[[:space:]]"$name"[[:space:]]*) continue ;; esac
        case "$name" in api-ms-win-*) ;; *) strange+=("$name") ;; esac
    done < <(imports)
    [ ${#strange[@]} = 0 ] || { echo "not of Windows: ${strange[*]}"; return 1; }
    [ -n "$(imports)" ]
}

# in_cmd CODE LINE: a line of the shell of Windows, which must see this exit code.
in_cmd() {
    timeout 60 .ci/windows wine cmd /v:on /c "$2 & echo code !errorlevel!" >"$ANSWER" 2>&1 </dev/null || true
    grep -q "^code $1" "$ANSWER" || { tail -n 5 "$ANSWER"; return 1; }
}

# The screen without the caret of the field for the text.
picture() { import -window root miff:- | convert - -fill black -draw "rectangle 300,360 330,430" rgb:- | sha256sum; }

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
press() { turns xdotool key "$@"; }
keep() { import -window root "target/lab/windows-$1.png"; }
click_primary() {
    local middle
    middle=$(import -window root miff:- | convert - -crop 900x80+226+660 -fill black +opaque "$ACCENT" -trim -format '%[fx:page.x+w/2] %[fx:page.y+h/2]' info:-)
    turns xdotool mousemove ${middle:?} click 1
}

opened() { xdotool search --onlyvisible --name '^PortMedic'; }
# open_window THEME: the window on a practice machine; a desktop of its own that comes with it goes as well.
open_window() {
    end_wine
    mkdir -p "$(dirname "$SETTINGS")"
    echo "theme = \"$1\"" >"$SETTINGS"
    timeout 900 .ci/windows wine "$EXE" --practice sql-client >target/lab/windows-window.txt 2>&1 &
    waits opened
}
alone() { [ "$(opened | wc -l)" = 1 ]; }
# is_green: the banner at the top of the page tells of a success.
is_green() { [ "$(import -window root miff:- | convert - -crop 100x10+900+112 -format '%[fx:mean.g>mean.r+0.01&&mean.g>mean.b+0.01]' info:-)" = 1 ]; }
# is_dark 0|1: what lies beside the page's own parts.
is_dark() { [ "$(import -window root miff:- | convert - -crop 100x20+600+700 -resize 1x1 -format '%[fx:mean<0.5]' info:-)" = "$1" ]; }

Xvfb "$DISPLAY" -screen 0 1110x760x24 >/dev/null 2>&1 &
SCREEN=$!
trap 'end_wine || true; rm -f "$SETTINGS"; kill $SCREEN' EXIT
waits xdotool getdisplaygeometry

echo "-- the executable"
check "it needs libraries of Windows only" only_system
check "it has an icon, a version and a manifest" eval 'x86_64-w64-mingw32-objdump -h $EXE | grep .rsrc >/dev/null && grep -qa asInvoker $EXE && grep -qa PerMonitorV2 $EXE'
check "shells wait for it" eval 'x86_64-w64-mingw32-objdump -p $EXE | grep "Windows CUI" >/dev/null'

echo "-- the shell of Windows"
WINDOWS_EXE=$(tr / '\\' <<<"$EXE")
check "it gets exit code 0" in_cmd 0 "$WINDOWS_EXE practice"
check "it gets exit code 1" in_cmd 1 "$WINDOWS_EXE diagnose MSSQLSERVER --practice sql-client"
check "it gets exit code 2" in_cmd 2 "$WINDOWS_EXE owner 70000"
check "without somebody to ask nothing is changed" in_cmd 3 "$WINDOWS_EXE fix MSSQLSERVER --practice sql-client <nul"

echo "-- the window"
check "it opens" open_window light
check "no second window opens" alone
check "the theme is light" waits is_dark 0
check "the service is looked at" eval 'turns xdotool type MSSQLSERVER && press Return'
check "the owner is shown" press Return
keep owner-light
check "the fixes are shown" press Return
check "a click on the primary button applies the fix" click_primary
check "all steps are done" waits is_green
keep applied-light
check "the proof is shown" press Return
check "the service runs" waits is_green
keep proof-light
check "the report is shown" press Return
keep report-light
check "in the dark theme" open_window dark
check "the theme is dark" waits is_dark 1
keep start-dark
summary
