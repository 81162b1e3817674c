# A computer with a real systemd, for the labs: sourced by them. Root and systemd-nspawn.
#
# Its disk is an overlay on this computer's own, so nothing here is changed and nothing needs to be downloaded twice; its network
# namespace is its own, so the port settings of a lab are the lab's. Everything goes with it.

MACHINE=portmedic-lab-$$
STATE=/run/$MACHINE

# machine_build PACKAGE...: lays the disk, with these packages on top of what this computer has, and PortMedic as an administrator installs it.
machine_build() {
    mkdir -p "$STATE"
    mount -t tmpfs -o size=2g tmpfs "$STATE"
    trap machine_remove EXIT
    mkdir "$STATE/upper" "$STATE/work" "$STATE/disk"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$STATE/upper,workdir=$STATE/work" "$STATE/disk"
    # Packages must not start anything while they are installed.
    install -m 755 /dev/stdin "$STATE/disk/usr/sbin/policy-rc.d" <<<$'#!/bin/sh\nexit 101'
    systemd-nspawn -q -D "$STATE/disk" -M "$MACHINE" --register=no --keep-unit --pipe env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends -o Acquire::Retries=3 systemd dbus libpam-systemd "$@" >"$STATE/packages.log" 2>&1 </dev/null ||
        { tail -n 20 "$STATE/packages.log"; return 1; }
    rm "$STATE/disk/usr/sbin/policy-rc.d"
    # Of this computer's own services none starts in the lab; those of the packages are started by the labs.
    find "$STATE/disk/etc/systemd/system" -path '*.wants/*' -delete
    ln -sf /lib/systemd/system/multi-user.target "$STATE/disk/etc/systemd/system/default.target"
    rm -f "$STATE/disk"/etc/sysctl.d/*
    mkdir -p "$STATE/disk/var/log/journal"
    install "$PORTMEDIC" "$STATE/disk/usr/bin/portmedic"
    install -D -m 644 ../../assets/linux/org.portmedic.helper.policy -t "$STATE/disk/usr/share/polkit-1/actions"
    install "$PUPPET" "$STATE/disk/usr/local/bin/puppet"
    for user in alice bob; do
        chroot "$STATE/disk" useradd --create-home --user-group "$user"
        chroot "$STATE/disk" chpasswd <<<"$user:secret of $user"
    done
}

# machine_boot: starts it and waits until it is up.
machine_boot() {
    local cgroup leader state
    # nspawn makes control groups below its own; without one of its own, two labs would share them.
    cgroup=$(findmnt -nro TARGET -t cgroup2 | head -n 1)/$MACHINE
    echo "$cgroup" >"$STATE/cgroup"
    mkdir -p "$cgroup"
    (
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        # The host may have old control groups; systemd in the lab gets the new ones all the same.
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec setsid systemd-nspawn -q -D "$STATE/disk" -M "$MACHINE" --private-network --register=no \
            --keep-unit --console=read-only --resolv-conf=off --timezone=off -b </dev/null >"$STATE/console.log" 2>&1
    ) &
    NSPAWN=$!
    for _ in $(seq 600); do
        leader=$(pgrep -P "$NSPAWN" | head -n 1) || true
        if [ -n "$leader" ]; then
            LEADER=$leader
            state=$(inside systemctl is-system-running 2>/dev/null) || true
            case $state in running | degraded) return 0 ;; esac
        fi
        sleep 0.1
    done
    echo "the lab's systemd did not come up:" >&2
    tail -n 20 "$STATE/console.log" >&2
    return 1
}

# machine_halt: an orderly shutdown; the disk stays.
machine_halt() {
    [ -n "${NSPAWN-}" ] || return 0
    kill -TERM "$NSPAWN" 2>/dev/null || true
    wait "$NSPAWN" 2>/dev/null || true
    NSPAWN=
    find "$(cat "$STATE/cgroup")" -depth -type d -exec rmdir {} \; 2>/dev/null || true
}

machine_remove() {
    machine_halt
    umount "$STATE/disk" 2>/dev/null || true
    umount "$STATE" 2>/dev/null || true
    rmdir "$STATE" 2>/dev/null || true
}

# inside COMMAND...: runs it there as root. A shell stands between, since polkit cannot ask about a process without a parent there.
inside() {
    nsenter -t "$LEADER" -a -r -w -- /bin/bash -c '"$@"; exit $?' lab "$@"
}

# as_user USER COMMAND...: runs it there as that user, without anything of root's.
as_user() {
    local user=$1
    shift
    inside setpriv --reuid="$user" --regid="$user" --init-groups --reset-env -- "$@"
}
