#!/bin/bash
# Each command that the helper gives a real systemd goes wrong in turn: it fails before or after it was carried out, says yes without doing
# anything, hangs, or talks nonsense; and systemd itself is replaced under a plan. What is told is so, and undo works from there.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run). The argument is which
# part of the ways in which commands go wrong it is about: 1/2 or 2/2; without it it is all of them.
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

WAYS=(fails late lies nonsense killed lingers)
case ${1-} in
    "") ;;
    1/2) WAYS=("${WAYS[@]:0:3}") ;;
    2/2) WAYS=("${WAYS[@]:3}") ;;
    *) echo "which part is $1?" >&2; exit 2 ;;
esac
RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports
OWN=/etc/sysctl.d/zz-portmedic-exclusions.conf

machine_build
install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/backup.service" <<'UNIT'
[Service]
ExecStart=/usr/local/bin/puppet --puppet '{"Listen":{"at":"0.0.0.0:8090","v6only":false,"reuse_port":false,"waiting":0}}'
UNIT
machine_boot

# The real tool has another name from here on; what stands in its place counts the calls and spoils the one that /run/spoil names.
mv "$STATE/disk/usr/bin/systemctl" "$STATE/disk/usr/bin/systemctl.real"
install -m 755 /dev/stdin "$STATE/disk/usr/bin/systemctl" <<'TOOL'
#!/bin/bash
count=$(($(cat /run/calls 2>/dev/null || echo 0) + 1))
echo "$count" >/run/calls
read -r at how </run/spoil || true
[ "${at-}" = "$count" ] || exec /usr/bin/systemctl.real "$@"
case $how in
    fails) echo "Failed to connect to bus" >&2; exit 1 ;;
    late) /usr/bin/systemctl.real "$@" >/dev/null; echo "Connection reset by peer" >&2; exit 1 ;;
    lies) exit 0 ;;
    nonsense) head -c 4096 /dev/urandom; exit 0 ;;
    killed) kill -KILL $$ ;;
    lingers) /usr/bin/systemctl.real "$@"; code=$?; sleep 2 & exit $code ;;
esac
TOOL

systemctl_real() { inside systemctl.real "$@"; }

# begin: the service runs, nothing is reserved, nothing is in the journal; no call is spoiled.
begin() {
    inside sh -c ": >/run/spoil; rm -f /run/calls /var/lib/portmedic/journal.jsonl $OWN; echo >$RESERVED"
    systemctl_real start backup
}

# is_as_before: as after begin.
is_as_before() { [ "$(systemctl_real is-active backup)" = active ] && [ -z "$(inside cat $RESERVED)" ] && inside sh -c "! [ -e $OWN ]"; }

# plan: a request that stops the service, keeps a port, and starts the service again.
plan() {
    local main
    main=$(systemctl_real show -P MainPID backup)
    jq -nc --argjson main "$main" --arg id "run-$RANDOM-$RANDOM" '{version: 1, id: $id, job: {job: "apply", title: "A plan", steps: [
        {action: {operation: "stop_service", service: "backup.service"}, before: {of: "service", state: "running", main_pid: $main}},
        {action: {operation: "add_exclusion", range: {start: 8090, end: 8090}, protocol: null, stores: "both"},
         before: {of: "exclusions", active: "", persistent: "", own_file: null}},
        {action: {operation: "start_service", service: "backup.service"}, before: {of: "service", state: "running", main_pid: $main}}]}}'
}

# is_true FILE: each step that is told as done is so.
is_true() {
    local now
    now=$(systemctl_real is-active backup || true)
    # The last word on the service is the start; the helper starts again what it stopped, whatever came between.
    if jq -e -s 'any(.[]; .index == 2 and (.record.result? == "done" or .record.result? == "already_done"))' "$1" >/dev/null; then
        [ "$now" = active ] || { echo "told as started, and it is $now"; return 1; }
    fi
    if jq -e -s 'any(.[]; .index == 1 and .record.result? == "done")' "$1" >/dev/null; then
        [ "$(inside cat $RESERVED)" = 8090 ] || { echo "told as kept"; return 1; }
    elif [ -n "$(inside cat $RESERVED)" ]; then
        echo "kept, and not told"
        return 1
    fi
    jq -e -s 'all(.[] | select(.record?); (.record.result | IN("done", "already_done")) or (.record.message | length > 0))' "$1" >/dev/null
}

# goes_back: what there is to take back is taken back, and the service runs.
goes_back() {
    inside sh -c ": >/run/spoil"
    if inside portmedic history --json | jq -e 'any(.entries[]; any(.steps[]; .result != "not_run" and .result != "refused"))' >/dev/null; then
        inside portmedic undo --yes --json >"$ANSWER" 2>"$ANSWER.err" || true
    fi
    # A start that failed for good leaves the service stopped, as the last word of the helper tells.
    [ "$(systemctl_real is-active backup)" = active ] || systemctl_real start backup
    is_as_before || { cat "$ANSWER" "$ANSWER.err"; inside portmedic history; return 1; }
}

begin
plan | inside portmedic helper >"$ANSWER"
CALLS=$(inside cat /run/calls)
check "the plan works, with $CALLS commands" eval 'is_true "$ANSWER" && [ "$CALLS" -gt 10 ]'
check "and goes back" goes_back

# The wait for a start asks every 100 ms; its first and last questions stand for all of them.
for how in "${WAYS[@]}"; do
    wrong=0
    for at in $(seq 1 14) $((CALLS - 1)) "$CALLS"; do
        begin
        request=$(plan)
        inside sh -c "rm -f /run/calls; echo $at $how >/run/spoil"
        inside portmedic helper <<<"$request" >"$ANSWER.replies" 2>/dev/null || true
        inside sh -c ": >/run/spoil"
        is_true "$ANSWER.replies" || { echo "call $at $how: not true"; cat "$ANSWER.replies"; wrong=$((wrong + 1)); }
        goes_back || { echo "call $at $how: no way back"; cat "$ANSWER.replies"; wrong=$((wrong + 1)); }
    done
    check "a command that ${how}: what is told is so, and there is a way back" [ $wrong = 0 ]
done

if [ "${1-}" != 1/2 ]; then
    echo "-- systemd is replaced under a plan"
    mv "$STATE/disk/usr/bin/systemctl.real" "$STATE/disk/usr/bin/systemctl"
    systemctl_real() { inside systemctl "$@"; }
    begin
    request=$(plan)
    inside sh -c 'for _ in 1 2 3 4 5; do systemctl daemon-reexec; done' &
    REEXEC=$!
    inside portmedic helper <<<"$request" >"$ANSWER.replies" || true
    wait $REEXEC
    check "what is told is so" is_true "$ANSWER.replies"
    check "and goes back" goes_back
fi
rm -f "$ANSWER.replies"
summary
