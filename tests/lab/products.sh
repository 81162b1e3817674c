#!/bin/bash
# The servers that people run, as Debian packs them, each on a port of its own choice that another program has: the port is known from
# what each of them leaves behind, and nothing is known that is not so.
# Root; PORTMEDIC and PUPPET name the executables (see .ci/run).
set -euo pipefail
cd "$(dirname "$0")"
. ./machine.sh
. ./checks.sh

# One line a product: unit, port, what PortMedic calls it.
PRODUCTS='nginx.service 8010 nginx
apache2.service 8011 Apache
redis-server.service 8012 Redis
haproxy.service 8013 HAProxy
ssh.service 8014 SSH
postgresql@15-main.service 8015 PostgreSQL
mariadb.service 8016 MariaDB'

# Each is told its port in the file where an administrator would.
configure() {
    local etc=$STATE/disk/etc
    sed -i 's/listen 80 /listen 8010 /; s/listen \[::\]:80 /listen [::]:8010 /' "$etc/nginx/sites-available/default"
    sed -i 's/^Listen 80$/Listen 8011/' "$etc/apache2/ports.conf"
    sed -i 's/^port .*/port 8012/' "$etc/redis/redis.conf"
    printf 'frontend lab\n    mode http\n    bind *:8013\n' >>"$etc/haproxy/haproxy.cfg"
    sed -i 's/^#Port 22$/Port 8014/' "$etc/ssh/sshd_config"
    sed -i 's/^port = .*/port = 8015/' "$etc/postgresql/15/main/postgresql.conf"
    sed -i 's/^#* *port *=.*//; s/^\[mysqld\]$/[mysqld]\nport = 8016/' "$etc/mysql/mariadb.conf.d/50-server.cnf"
}

machine_build nginx-light apache2 redis-server haproxy openssh-server postgresql mariadb-server
configure
install -m 644 /dev/stdin "$STATE/disk/etc/systemd/system/squatter@.service" <<'UNIT'
[Service]
ExecStart=/usr/local/bin/puppet --puppet '{"Listen":{"at":"[::]:%i","v6only":false,"reuse_port":false,"waiting":0}}'
UNIT
machine_boot

echo "-- before they run"
while read -r unit port product; do
    check "$unit: nothing is wrong" answers 0 inside portmedic diagnose "$unit" --json
    check "its port is known from its configuration" has ".target.port == $port and .target.port_known_from == \"configuration\""
    check "and is free" has '.verdict.cause == "port_free"'
done <<<"$PRODUCTS"

while read -r unit port product; do
    echo "-- $unit"
    inside systemctl start "squatter@$port" </dev/null
    inside systemctl start "$unit" </dev/null 2>/dev/null || true
    check "it fails" waits inside sh -c "systemctl show -P ActiveState,SubState '$unit' | grep -qE 'failed|auto-restart|activating'"
    check "diagnose: a problem" answers 1 inside portmedic diagnose "$unit" --json
    check "the cause is the listener" has ".verdict.cause == \"held_by_listener\" and .target.port == $port"
    check "the owner is told to its unit" has ".owners[0].service == \"squatter@$port.service\""
    check "the product is told" has ".target.product | test(\"$product\"; \"i\")"
    check "fix: done and verified" answers 0 inside portmedic fix "$unit" --yes --json
    check "the outcome is fixed" has '.outcome == "fixed"'
    check "it runs" [ "$(inside systemctl is-active "$unit" </dev/null)" = active ]
done <<<"$PRODUCTS"

echo "-- while they run"
check "services" answers 0 inside portmedic services --json
check "none fails" has '[.services[] | select(.state == "failed")] == []'
summary
