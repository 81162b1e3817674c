#!/bin/bash
# The recorder over a restart: installed by a command, it names the unit that takes the port of a service when the computer starts, and the
# diagnosis of that service rests on it although the port is free again.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

UNIT=portmedic-recorder.service
LOG=/var/lib/portmedic/recorder.jsonl

# server NAME ADDRESS: a unit whose server listens there.
server() {
    install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/$1" <<<"[Service]
ExecStart=/usr/local/bin/puppet --puppet '{\"Listen\":{\"at\":\"$2\",\"v6only\":false,\"reuse_port\":false,\"waiting\":0}}'
[Install]
WantedBy=multi-user.target"
}

# noted EXPRESSION: the list of sightings has one of which the jq expression holds.
noted() { inside portmedic watch --list --json | jq -e "any(.sightings[]; $1)" >/dev/null; }

machine_build
server squatter.service 0.0.0.0:8080
server shop.service 0.0.0.0:8080
machine_boot

echo "-- it is installed only where somebody asks for it"
check "nothing was watched" answers 0 inside portmedic watch --list --json
check "and nothing is told" has '.schema == "portmedic.sightings/1" and .sightings == [] and .periods == []'
check "a user is not let" answers 3 as_user alice portmedic watch --install 8080 --yes --elevate none --json
check "watch --install: done and verified" answers 0 inside portmedic watch --install 8080 1433 --yes --json
check "the outcome is fixed" has '.outcome == "fixed"'
check "it runs" waits inside systemctl is-active --quiet "$UNIT"
check "it writes" waits inside test -s "$LOG"
check "only root reads what may hold secrets" [ "$(inside stat -c '%U %a' "$LOG")" = "root 600" ]
inside systemctl enable --quiet squatter

echo "-- the computer starts again, and a unit takes the port"
machine_halt
machine_boot
check "it runs" waits inside systemctl is-active --quiet "$UNIT"
check "the list names the unit, its program and its parent" waits noted \
    '.local == "0.0.0.0:8080" and .service == "squatter.service" and .process.name == "puppet" and .parent.pid == 1'
check "with the command line" noted '.process.command_line | index("--puppet")'
check "a list on a terminal names it too" inside sh -c 'portmedic watch --list 8080 | grep -q "in squatter.service"'
check "a user is told that only administrators may see it" answers 0 as_user alice portmedic watch --list --json
check "and sees none" has '.sightings == [] and (.gaps | length == 1)'

echo "-- a service fails on the port, and the thief goes before anybody looks"
inside systemctl start shop 2>/dev/null || true
check "the service fails" waits inside systemctl is-failed --quiet shop
inside systemctl stop squatter
check "its end is noted" waits noted '.service == "squatter.service" and .gone'
check "diagnose: the port is free now" inside sh -c 'portmedic diagnose shop --json >/tmp/case.json; jq -e ".verdict.cause == \"port_free\"" /tmp/case.json'
check "and the recorder names who had it" inside jq -e \
    'any(.verdict.evidence[]; (.source | startswith("recorder")) and (.fact | test("squatter.service.*before the service failed")))' /tmp/case.json
check "without its arguments" inside sh -c '! grep -q -- --puppet /tmp/case.json'

echo "-- what it takes"
USED=$(inside systemctl show -P CPUUsageNSec "$UNIT")
echo "        processor time since the start: $((USED / 1000000)) ms; log: $(inside stat -c %s "$LOG") bytes"

echo "-- it goes, and what it saw stays"
check "watch --remove: done and verified" answers 0 inside portmedic watch --remove --yes --json
check "it runs no more" inside sh -c "! systemctl is-active --quiet $UNIT && ! test -e /etc/systemd/system/$UNIT"
check "the list still names the thief" noted '.service == "squatter.service"'
summary
