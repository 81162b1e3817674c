#!/bin/bash
# The privileged door, as a user without rights: with a rule, without one, refused, and with a password on a terminal.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports

# rule BODY: what polkit answers for PortMedic; without a body there is no rule.
rule() {
    local file=$STATE/disk/etc/polkit-1/rules.d/10-lab.rules
    rm -f "$file"
    if [ $# != 0 ]; then
        install -m 644 /dev/stdin "$file" <<<"polkit.addRule(function(action, subject) {
            if (action.id == 'org.portmedic.helper') { $1 }
        });"
    fi
    # polkit watches the folder, but tells nobody when it has read it again.
    inside systemctl restart polkit
}

# untouched: nothing is reserved, now or for the next start, and there is no journal of changes.
untouched() {
    [ -z "$(inside cat $RESERVED)" ] && [ -z "$(inside ls /etc/sysctl.d)" ] || { inside cat $RESERVED; inside ls /etc/sysctl.d; return 1; }
}

# exclude USER CODE: that user asks for an exclusion, without a terminal.
exclude() { answers "$2" as_user "$1" portmedic exclude 1433 --yes --json; }

# at_terminal USER PASSWORD COMMAND...: runs it on a terminal of its own and answers each question for a password; gives its exit code.
at_terminal() {
    local user=$1 password=$2 said='' asked='' byte code=0 rounds=60
    shift 2
    coproc TERMINAL { inside script --quiet --return --command "setpriv --reuid=$user --regid=$user --init-groups --reset-env -- $*" /dev/null; }
    local pid=$TERMINAL_PID out in
    exec {out}<&"${TERMINAL[0]}" {in}>&"${TERMINAL[1]}"
    while [ $rounds != 0 ]; do
        if IFS= read -r -n 1 -d '' -t 1 byte <&"$out"; then
            said+=$byte
            case $said in
                *[Pp]assword*:\ )
                    printf '%s' "$said"
                    said='' asked=yes
                    printf '%s\n' "$password" >&"$in"
                    ;;
            esac
        elif [ $? -gt 128 ]; then
            # Silence: a program that turned the echo off after its question has thrown away what was typed before.
            rounds=$((rounds - 1))
            [ -z "$asked" ] || printf '%s\n' "$password" >&"$in"
        else
            break
        fi
    done
    printf '%s' "$said"
    exec {in}>&- {out}<&-
    [ $rounds != 0 ] || kill "$pid"
    wait "$pid" || code=$?
    return $code
}

machine_build pkexec sudo nginx-light
install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/old-web.service" <<'UNIT'
[Service]
ExecStart=/usr/local/bin/puppet --puppet '{"Listen":{"at":"0.0.0.0:80","v6only":false,"reuse_port":false,"waiting":0}}'
UNIT
install -D -m 644 /dev/stdin "$STATE/disk/usr/local/bin/with-agent" <<'AGENT'
#!/bin/bash
# Becomes a command that has polkit's agent for terminals: without a login session the agent is only asked for its very process.
exec {registered}< <(exec pkttyagent --process $$ --notify-fd 3 3>&1 >/dev/tty)
read -r -u "$registered" # ends when the agent closes it
exec "$@"
AGENT
chmod 755 "$STATE/disk/usr/local/bin/with-agent"
install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/stubborn.service" <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'trap "" TERM; /usr/local/bin/puppet --puppet \'{"Listen":{"at":"0.0.0.0:8090","v6only":false,"reuse_port":false,"waiting":0}}\''
UNIT
machine_boot

echo "-- no rule, nobody to ask"
rule
check "declined" exclude alice 3
check "and told so" has '.outcome == "declined" and (.message | length > 0)'
check "with the commands for an administrator" has '.plan.options[0].steps[0].preview | test("1433")'
check "nothing was changed" untouched

echo "-- a rule lets alice do it"
rule 'if (subject.user == "alice") return polkit.Result.YES;'
check "another user is declined" exclude bob 3
check "nothing was changed" untouched
check "alice does it" exclude alice 0
check "it is verified" has '.outcome == "fixed" and .steps[0].result == "done"'
check "the port is kept" [ "$(inside cat $RESERVED)" = 1433 ]
check "history tells who asked" answers 0 as_user bob portmedic history --json
check "by name" has '[.. | strings] | any(. == "alice")'
check "alice takes it back" answers 0 as_user alice portmedic undo --yes --json
check "nothing is left" untouched

echo "-- alice heals a server, and sees only what a user sees"
inside systemctl start old-web
inside systemctl start nginx 2>/dev/null || true
check "nginx fails" waits inside systemctl is-failed nginx
check "fix: done and verified" answers 0 as_user alice portmedic fix nginx --yes --json
check "the outcome is fixed" has '.outcome == "fixed" and .verdict.cause == "held_by_listener"'
check "nginx runs" inside systemctl is-active nginx
check "the other server was stopped" eval '! inside systemctl is-active old-web'

echo "-- a rule refuses"
rule 'return polkit.Result.NO;'
check "declined" exclude alice 3
check "nothing was changed" untouched

echo "-- a password on a terminal"
inside usermod --append --groups sudo alice
rule 'return polkit.Result.AUTH_ADMIN;'
check "a wrong password is declined" answers 3 at_terminal alice wrong with-agent portmedic exclude 1433 --yes
check "and told so" grep "Nothing was changed" "$ANSWER"
check "nothing was changed" untouched
check "the right password does it" answers 0 at_terminal alice "secret of alice" with-agent portmedic exclude 1433 --yes
check "the prompt says what it is for" grep "PortMedic wants to apply the fix" "$ANSWER"
check "the port is kept" [ "$(inside cat $RESERVED)" = 1433 ]
check "sudo does it where polkit has nobody to ask" answers 0 at_terminal alice "secret of alice" portmedic undo --yes
check "nothing is left" untouched

echo "-- the helper dies in the middle of a step"
rule 'if (subject.user == "alice") return polkit.Result.YES;'
inside systemctl start stubborn
as_user alice portmedic fix 8090 --yes --json >"$ANSWER" 2>"$ANSWER.err" </dev/null &
FIX=$!
stops() { [ "$(inside systemctl show -P ActiveState stubborn)" = deactivating ]; }
check "the step begins" waits stops
check "the helper is killed" inside pkill -KILL -f 'portmedic [h]elper'
code=0
wait $FIX || code=$?
check "that is no success" [ $code = 1 ]
check "and told so" has '.outcome == "could_not_check" or .outcome == "not_fixed"'
check "with the step" has '.message | test("step 1")'
inside systemctl kill --signal=KILL stubborn
check "the server is gone" waits inside systemctl is-failed stubborn
check "history offers the way back" eval 'as_user alice portmedic history | grep "did not come to its end; portmedic undo"'
check "what the helper had begun is taken back" answers 0 as_user alice portmedic undo --yes --json
check "it is verified" has '.outcome == "fixed" and .steps[0].result == "done"'
check "the server runs again" inside systemctl is-active stubborn
inside systemctl kill --signal=KILL stubborn
check "the next change works" answers 0 as_user alice portmedic exclude 1433 --yes --json

echo "-- a program of alice makes use of what she may do"
# ask COMMAND...: says what it is given to the helper behind the prompt, as a program of alice's could, and keeps the replies.
ask() { as_user alice "$@" pkexec --disable-internal-agent /usr/bin/portmedic helper >"$ANSWER" 2>"$ANSWER.err"; }
refused() { jq -e -s --arg word "$1" 'any(.[]; .reply == "refused" and (.because | test($word))) and all(.[]; .reply != "step_started")' "$ANSWER" >/dev/null || { cat "$ANSWER" "$ANSWER.err"; return 1; }; }
step() { jq -nc --arg id "lab-$RANDOM$RANDOM" --argjson action "$1" --argjson before "$2" '{version: 1, id: $id, job: {job: "apply", title: "t", steps: [{action: $action, before: $before}]}}'; }
EXCLUDE='{"operation": "add_exclusion", "range": {"start": 2222, "end": 2222}, "protocol": null, "stores": "both"}'
NOTHING='{"of": "exclusions", "active": "", "persistent": "", "own_file": null}'
answers 0 as_user alice portmedic undo --yes --json >/dev/null || true
before=$(inside cat $RESERVED)
step '{"operation": "run_command", "command": "id"}' null | ask || true
check "an operation of its own is refused" refused run_command
step '{"operation": "stop_service", "service": "dbus.service"}' '{"of": "service", "state": "running", "main_pid": 1}' | ask || true
check "what the session needs is not stopped" refused "not stopped"
step '{"operation": "stop_service", "service": "--now"}' '{"of": "service", "state": "running", "main_pid": 1}' | ask || true
check "an option is no service" refused name
step "$EXCLUDE" '{"of": "exclusions", "active": "7", "persistent": "", "own_file": null}' | ask || true
check "a plan for another state is refused" refused "has changed"
check "nothing was changed" [ "$(inside cat $RESERVED)" = "$before" ]
as_user alice mkdir -p /home/alice/traps
for tool in systemctl getent sh; do
    as_user alice sh -c "printf '#!/bin/sh\n/usr/bin/touch /tmp/trapped\n' >/home/alice/traps/$tool; chmod 755 /home/alice/traps/$tool"
done
REQUEST=$(step "$EXCLUDE" "$NOTHING")
ask sh -c 'umask 0; cd /home/alice/traps; export PATH=/home/alice/traps:$PATH HOME=/home/alice/traps TMPDIR=/home/alice/traps; exec "$@"' _ <<<"$REQUEST" || true
check "paths and folders of alice do not matter" jq -e -s 'any(.[]; .record?.result == "done")' "$ANSWER"
check "nothing of hers was run" eval '! inside test -e /tmp/trapped'
check "what was written has rights of its own" [ "$(inside stat -c '%U %a' /etc/sysctl.d/zz-portmedic-exclusions.conf)" = "root 644" ]
ask <<<"$REQUEST" || true
check "a request is taken once" refused "taken before"
check "alice takes it back" answers 0 as_user alice portmedic undo --yes --json
for place in /var/lib/portmedic/journal.jsonl /var/lib/portmedic/lock /etc/sysctl.d/zz-portmedic-exclusions.conf; do
    check "alice puts no link in place of $place" eval "! as_user alice ln -sf /etc/shadow $place"
done
check "nor holds the lock" eval '! as_user alice flock --nonblock /var/lib/portmedic/lock true'
inside install -d -m 777 /srv/open
inside install -m 755 /usr/bin/portmedic /srv/open/portmedic
check "an executable that others can exchange gets no rights" answers 2 as_user alice /srv/open/portmedic exclude 2222 --yes
check "and is told so" grep "can be changed by everybody" "$ANSWER.err"

echo "-- the helper is no way around"
check "a user who runs it is refused" answers 2 as_user alice portmedic helper
check "with the reason" has '.reply == "refused" and (.because | test("rights"))'
summary
