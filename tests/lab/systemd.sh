#!/bin/bash
# Real units on a real systemd that lost their port: each is diagnosed, healed by one command, and stays healed after a restart.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports

# unit NAME TEXT: writes a unit file.
unit() { install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/$1" <<<"$2"; }

# part JSON: the command line of a puppet.
part() { echo "/usr/local/bin/puppet --puppet '$1'"; }

# listener ADDRESS: the command line of a server on it.
listener() { part "{\"Listen\":{\"at\":\"$1\",\"v6only\":false,\"reuse_port\":false,\"waiting\":0}}"; }

# server NAME ADDRESS [LINE...]: a unit whose server listens there, with more lines for its section.
server() { unit "$1" "[Service]
ExecStart=$(listener "$2")
$(printf '%s\n' "${@:3}")"; }

# is UNIT STATE: the unit is in this state.
is() { [ "$(inside systemctl show -P ActiveState "$1")" = "$2" ]; }

# fails UNIT: it is started and must fail.
fails() {
    inside systemctl start "$1" 2>/dev/null || true
    waits is "$1" failed
}

# start_backend: it is started and listens; a client that comes too early is refused and does not try again.
start_backend() {
    inside systemctl start backend
    waits inside grep -q ' 0100007F:2328 00000000:0000 0A ' /proc/net/tcp
}

# asks_once COMMAND...: PortMedic puts questions to systemd or the journal for this command, and none of them twice.
asks_once() {
    local asked twice
    inside strace -f -qq -s 65536 -e trace=execve -e signal=none -o /run/asked portmedic "$@" --json >/dev/null || true
    asked=$(inside grep -o 'execve("/usr/bin/[a-z]*ctl", \[[^]]*\]' /run/asked) || { echo "nothing was asked"; return 1; }
    twice=$(sort <<<"$asked" | uniq -d)
    [ -z "$twice" ] || { echo "$twice"; return 1; }
}

pid_of() { inside systemctl show -P MainPID "$1"; }

machine_build pkexec nginx-light strace
server backend.service 127.0.0.1:9000
unit backup.service "[Unit]
Requires=backend.service
After=backend.service
[Service]
ExecStart=$(part '{"Connect":{"to":"127.0.0.1:9000","count":1}}')"
server demo-db.service 0.0.0.0:1433 Restart=on-failure RestartSec=100ms
cat >>"$STATE/disk/etc/systemd/system/demo-db.service" <<<$'[Unit]\nStartLimitIntervalSec=30\nStartLimitBurst=3'
server old-web.service 0.0.0.0:80
server squatter.service 0.0.0.0:8080
unit web.socket $'[Socket]\nListenStream=0.0.0.0:8080'
server web.service 127.0.0.1:9001
server app.service 0.0.0.0:8081
unit idle.socket $'[Socket]\nListenStream=0.0.0.0:8081'
server idle.service 127.0.0.1:9002
unit leaver.service "[Service]
ExecStart=$(part '{"Share":{"at":"0.0.0.0:8082"}}')
KillMode=process"
machine_boot

echo "-- a client holds the port of a database"
start_backend
inside sh -c 'echo 1433 1433 >/proc/sys/net/ipv4/ip_local_port_range'
inside systemctl start backup
waits inside grep -q ' 0100007F:0599 0100007F:2328 01 ' /proc/net/tcp
inside sh -c 'echo 1024 8999 >/proc/sys/net/ipv4/ip_local_port_range'
BACKUP=$(pid_of backup)
check "the database fails" fails demo-db
check "services: it is among the failing ones" answers 1 inside portmedic services --failing --json
check "with its port" has '.services[] | select(.name == "demo-db.service") | .ports[] | .port == 1433 and .protocol == "tcp"'
check "diagnose: a problem" answers 1 inside portmedic diagnose demo-db --json
check "the cause is the client" has '.verdict.cause == "held_by_client"'
check "the port is known from the log" has '.target | .service == "demo-db.service" and .port == 1433 and .port_known_from == "log"'
check "the owner is told to its unit" has ".owners | length == 1 and .[0].pid == $BACKUP and .[0].kind == \"unit\" and .[0].service == \"backup.service\""
check "with its far end" has '.owners[0] | .local == "127.0.0.1:1433" and .remote == "127.0.0.1:9000" and .state == "ESTABLISHED"'
check "fix: done and verified" answers 0 inside portmedic fix demo-db --yes --json
check "the outcome is fixed" has '.outcome == "fixed" and (.steps | length > 0) and all(.steps[]; .result == "done" or .result == "already_done")'
check "by closing a connection and keeping the port" has '[.steps[].operation] | contains(["close_connection", "add_exclusion"])'
check "the database runs" is demo-db active
check "the client lives on" [ "$(pid_of backup)" = "$BACKUP" ]
check "the port is kept" [ "$(inside cat $RESERVED)" = 1433 ]
check "diagnose: nothing wrong" answers 0 inside portmedic diagnose demo-db --json

inside sh -c 'echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range'

echo "-- another server has the port of nginx"
inside systemctl start old-web
check "nginx fails" fails nginx
check "diagnose: a problem" answers 1 inside portmedic diagnose nginx --json
check "the cause is the listener" has '.verdict.cause == "held_by_listener" and .target.port == 80'
check "the owner is told to its unit" has ".owners[0] | .pid == $(pid_of old-web) and .kind == \"unit\" and .service == \"old-web.service\" and .state == \"LISTEN\""
for command in "services" "services --failing" "diagnose nginx" "diagnose 80" "audit"; do
    check "$command: nothing is asked twice" asks_once $command
done
check "fix: done and verified" answers 0 inside portmedic fix nginx --yes --json
check "the outcome is fixed" has '.outcome == "fixed"'
check "nginx runs" is nginx active
check "the other server was stopped" is old-web inactive

echo "-- a known server that systemd has forgotten"
inside systemctl stop nginx
check "systemd does not list it" eval '[ -z "$(inside systemctl list-units --all --no-legend nginx.service)" ]'
check "services: it is listed, with its port" answers 0 inside portmedic services --json
check "as stopped" has 'any(.services[]; .name == "nginx.service" and .state == "stopped" and any(.ports[]; .port == 80))'
inside systemctl start nginx

echo "-- another server has the port of a socket unit"
inside systemctl start squatter
check "the socket unit fails" fails web.socket
check "diagnose: a problem" answers 1 inside portmedic diagnose web.socket --json
check "the cause is the listener" has '.verdict.cause == "held_by_listener" and .target.port == 8080 and .owners[0].service == "squatter.service"'
check "the port is known for sure" has '.target.port_known_from == "socket_unit" or .target.port_known_from == "log"'
check "fix: done and verified" answers 0 inside portmedic fix web.socket --yes --json
check "the socket unit listens" is web.socket active

echo "-- a socket unit has the port of a server"
inside systemctl start idle.socket
check "the server fails" fails app
check "diagnose: a problem" answers 1 inside portmedic diagnose app --json
check "the cause is the socket unit" has '.verdict.cause == "held_by_socket_unit" and .owners[0].kind == "socket_unit" and .owners[0].service == "idle.socket"'
check "fix: done and verified" answers 0 inside portmedic fix app --yes --json
check "the server runs" is app active
check "the socket unit was stopped" is idle.socket inactive

echo "-- a process that an earlier run left behind has the port"
inside systemctl start leaver
waits inside sh -c 'grep -q :1F92 /proc/net/tcp'
inside systemctl stop leaver
check "the server fails" fails leaver
check "diagnose: a problem" answers 1 inside portmedic diagnose leaver --json
check "the cause is its own old instance" has '.verdict.cause == "held_by_own_instance" and .owners[0].service == "leaver.service"'
check "fix: done and verified" answers 0 inside portmedic fix leaver --yes --json
check "the server runs" is leaver active

echo "-- a service fails for another reason"
inside systemctl stop nginx
inside sh -c 'echo "nonsense on;" >/etc/nginx/conf.d/broken.conf'
check "nginx fails" fails nginx
inside portmedic diagnose nginx --json >"$ANSWER" || true
check "it is not a port problem" has '.verdict.cause == "not_a_port_problem"'
check "nothing is proposed that would change a port" has '[.plan.options[].steps[].operation] | all(. == "manual" or . == "restart_service")'

echo "-- what cannot be seen"
check "an unknown service" answers 2 inside portmedic diagnose no-such-thing --json
check "a user without the right to the journal still gets a verdict" answers 0 as_user alice portmedic diagnose 5555 --json
inside rm /etc/nginx/conf.d/broken.conf
inside systemctl start old-web
check "nginx fails" fails nginx
check "a user gets a verdict from what can be read" answers 1 as_user alice portmedic diagnose nginx --json
check "the cause is the listener" has '.verdict.cause == "held_by_listener" and .target.port == 80 and .target.port_known_from == "configuration"'
check "the owner's unit is told" has '.owners[0].service == "old-web.service"'
check "and that the journal could not be read" has 'any(.gaps[]; (.what + .because + .shown_by) | test("journal"))'

echo "-- after a restart of the computer"
machine_halt
machine_boot
check "the port is kept" [ "$(inside cat $RESERVED)" = 1433 ]
inside sh -c 'echo 1433 1434 >/proc/sys/net/ipv4/ip_local_port_range'
start_backend
inside systemctl start backup demo-db
check "the database runs" is demo-db active
check "the client got another port" waits inside sh -c 'grep -q ":059A .* 01 " /proc/net/tcp'
check "history: every change is there" answers 0 inside portmedic history --json
ENTRY=$(jq -r '[.entries[] | select(any(.steps[]; .operation == "add_exclusion"))][0].id' "$ANSWER")
check "undo: the exclusion goes" answers 0 inside portmedic undo "$ENTRY" --yes --json
check "the port is not kept any more" [ -z "$(inside cat $RESERVED)" ]
check "nor for the next start" inside sh -c '! grep -rq ip_local_reserved_ports /etc/sysctl.d'
summary
