#!/bin/bash
# The proof after a restart: what was fixed and excluded is checked by itself after the computer has started again, held the first time and
# lost the second time, because somebody took the exclusion away.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

RESERVED=/proc/sys/net/ipv4/ip_local_reserved_ports
TASK=portmedic-recheck.service
PROGRAM=/usr/local/lib/portmedic/portmedic

# part JSON: the command line of a puppet.
part() { echo "/usr/local/bin/puppet --puppet '$1'"; }

# server NAME ADDRESS: a unit whose server listens there, started with the computer.
server() {
    install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/$1" <<<"[Service]
ExecStart=$(part "{\"Listen\":{\"at\":\"$2\",\"v6only\":false,\"reuse_port\":false,\"waiting\":0}}")
[Install]
WantedBy=multi-user.target"
    chroot "$STATE/disk" systemctl --quiet enable "$1"
}

# shows PROPERTY VALUE: of the task's unit.
shows() { [ "$(inside systemctl show -P "$1" "$TASK")" = "$2" ]; }

# ran: the task has come to its end in this run of the computer.
ran() { [ "$(inside systemctl show -P ExecMainExitTimestampMonotonic "$TASK")" != 0 ]; }

restart() {
    machine_halt
    machine_boot
}

machine_build
server squatter.service 0.0.0.0:8080
server shop.service 0.0.0.0:8080
chroot "$STATE/disk" systemctl --quiet disable squatter.service shop.service
machine_boot

echo "-- nothing waits on a computer that nobody has changed"
check "recheck: nothing" answers 0 inside portmedic recheck --json
check "no change is listed" has '.schema == "portmedic.recheck/1" and .changes == []'

echo "-- a service gets its port back, and another port is excluded"
inside systemctl start squatter
inside systemctl enable --quiet shop
inside systemctl start shop 2>/dev/null || true
check "the service fails" waits inside systemctl is-failed --quiet shop
check "fix: done and verified" answers 0 inside portmedic fix shop --yes --json
check "exclude: done and verified" answers 0 inside portmedic exclude 40001 --yes --json
check "recheck: nothing is wrong" answers 0 inside portmedic recheck --json
check "both changes wait for a restart" has '.changes | length == 2 and all(.[]; .state == "waits_for_restart")'
check "the fix is told with its service and port" has 'any(.changes[]; .service == "shop.service" and .port == 8080)'
check "a user is told the same" answers 0 as_user alice portmedic recheck --json
check "without any right" has '.changes | length == 2'

echo "-- the check is made by itself only where somebody asks for it"
check "nothing is installed yet" inside sh -c "! test -e /etc/systemd/system/$TASK && ! test -e $PROGRAM"
check "a user is not let" answers 3 as_user alice portmedic recheck --install --yes --elevate none --json
check "recheck --install --dry-run shows the unit" answers 0 inside portmedic recheck --install --dry-run --json
check "with all of its text" has '.plan.options[0].steps[0] | .operation == "install_task" and (.preview | contains("ProtectSystem=strict"))'
check "recheck --install: done and verified" answers 0 inside portmedic recheck --install --yes --json
check "the outcome is fixed" has '.outcome == "fixed"'
check "systemd starts it with the computer" inside systemctl is-enabled --quiet "$TASK"
check "only root can exchange what it starts" [ "$(inside stat -c '%U %a' $PROGRAM)" = "root 755" ]
check "it did not run yet" shows ExecMainStartTimestampMonotonic 0
check "once more: it is so already" answers 0 inside portmedic recheck --install --yes --json

echo "-- after a restart all of it holds"
restart
check "the task ran" waits ran
check "and found nothing wrong" shows ExecMainStatus 0
check "the port is kept" inside grep -qw 40001 $RESERVED
check "the journal tells that it holds" answers 0 inside portmedic history --json
check "of each change" has '[.entries[] | select(.rechecks) | .rechecks[-1].verification.outcome] == ["fixed", "fixed"]'
check "recheck: everything holds" answers 0 inside portmedic recheck --json
check "with the service on its port" has 'any(.changes[]; .service == "shop.service" and .state == "holds" and .since)'
check "a user is told the same" answers 0 as_user alice portmedic recheck --json
check "without any right" has 'all(.changes[]; .state == "holds")'

echo "-- somebody takes the exclusion away, and the computer starts again"
inside sh -c "rm /etc/sysctl.d/zz-portmedic-exclusions.conf && echo >$RESERVED"
inside systemctl disable --quiet shop
inside systemctl enable --quiet shop squatter
# A server listens some time after systemd calls it started.
inside mkdir -p /etc/systemd/system/shop.service.d
install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/shop.service.d/after.conf" <<'END'
[Unit]
After=squatter.service
[Service]
ExecStartPre=/bin/sh -c 'while systemctl -q is-active squatter && ! grep -q ":1F90 00000000:0000 0A" /proc/net/tcp; do sleep 0.1; done'
END
restart
check "the task ran" waits ran
check "and found it lost" shows ExecMainStatus 1
check "systemd lists it as failed" inside systemctl is-failed --quiet "$TASK"
check "recheck: lost" answers 1 inside portmedic recheck --json
check "the exclusion is lost" has 'any(.changes[]; .port == null and .state == "lost")'
check "the service lost its port, with who has it" has 'any(.changes[]; .service == "shop.service" and .state == "lost" and (.headline | test("squatter")))'
check "the journal tells it" answers 0 inside portmedic history --json
check "of each change" has '[.entries[] | select(.rechecks) | .rechecks[-1].verification.outcome] == ["not_fixed", "not_fixed"]'

echo "-- made again, it waits for the next restart"
check "fix: done and verified" answers 0 inside portmedic fix shop --yes --json
check "exclude: done and verified" answers 0 inside portmedic exclude 40001 --yes --json
check "recheck: nothing is wrong" answers 0 inside portmedic recheck --json
check "what it took the place of is not listed" has '.changes | length == 2 and all(.[]; .state == "waits_for_restart")'

echo "-- the task goes, and leaves nothing behind"
check "recheck --remove: done and verified" answers 0 inside portmedic recheck --remove --yes --json
check "no file stays" inside sh -c "! find /etc/systemd /usr/local/lib -name '*portmedic*' | grep ."
check "systemd has forgotten it" inside sh -c '! systemctl list-units --all --no-legend "portmedic*" | grep .'
ENTRY=$(inside portmedic history --json | jq -r '[.entries[] | select(any(.steps[]; .operation == "remove_task"))][0].id')
check "undo: it is installed again" answers 0 inside portmedic undo "$ENTRY" --yes --json
check "systemd starts it with the computer" inside systemctl is-enabled --quiet "$TASK"
summary
