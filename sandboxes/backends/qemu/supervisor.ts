/**
 * Process 1 of the machine, and what it and the host say to each other. Two ports lead out: the runners' (frames), and the
 * control port (text), which only root can open.
 */
import { guestUser, maxOpenFiles, maxProcesses, temporaryBytes, workspaceBytes } from "../../host/runner/box-limits.ts";
import type { Engine } from "./engine.ts";

const runnerPort = "/dev/vport0p1";
const controlPort = "/dev/vport0p2";
/** In the order in which they need each other. */
export const kernelModules = [
  "virtio_ring",
  "virtio",
  "virtio_pci_modern_dev",
  "virtio_pci_legacy_dev",
  "virtio_pci",
  "virtio_console",
];
/** A line that the host sends on the runners' port once it has seen a runner's end. What came before was for that runner. */
export const nextLine = "next-runner";
/** What the supervisor says when it waits for its session and no runner has started. */
export const waitingLine = "waiting";
/** Ends a runner: the first in a machine has the number 1. A line on the control port, once the machine is the session's. */
export const endLine = (runner: number): string => `${runner}\n`;
/** What the supervisor answers once the machine is the session's. */
export const setLine = "set";

/** Stays in the snapshot: where the tree and the data are unpacked, and folders that are mounted over. */
export const machineFolders = ["bin", "proc", "sys", "dev", "tmp", "workspace", "stage", "control-groups", "run"];

const startFirst = 'runner "" "" /tmp/errors-1 &';
/** Asks the kernel for a random number first: before it can give one, it does not mix any in. */
const waitForSession = `head -c 1 /dev/random
echo ${waitingLine} >&3`;

/**
 * `guest_memory` (bytes) and `guest_heap` (MiB) are the kernel's arguments, which it hands on as the environment.
 *
 * The first runner starts before the session is known, so that a snapshot holds it ready, or once the machine has random
 * numbers of its own. One line holds the marker, the time, the seed and the length of an archive, which follows. After
 * each runner the marker goes out on the runners' port. Only who knows it could forge it. A port has one owner at a time,
 * so it opens once everything that the runner left behind has ended.
 */
export const initScript = ({ program, arguments: words, firstRunner }: Engine) => `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin TZ=UTC
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/null >/dev/null 2>&1
for module in ${kernelModules.join(" ")}; do insmod /modules/$module.ko; done
mount -t tmpfs -o nosuid,nodev,mode=755,size=${workspaceBytes},uid=${guestUser},gid=${guestUser} tmpfs /workspace
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=${temporaryBytes} tmpfs /tmp
mount -t tmpfs -o nosuid,nodev,noexec,mode=755,size=100% tmpfs /stage
mount -t tmpfs -o nosuid,nodev,noexec,mode=700,size=1m tmpfs /run
mount -t cgroup2 cgroup2 /control-groups
echo "+memory +pids" >/control-groups/cgroup.subtree_control
mkdir /control-groups/guest
echo $guest_memory >/control-groups/guest/memory.max
echo ${maxProcesses} >/control-groups/guest/pids.max
mount --bind /control-groups/guest /sys/fs/cgroup
mount -o remount,bind,ro /sys/fs/cgroup
mount -o remount,ro /
chown ${guestUser}:${guestUser} ${runnerPort}
ulimit -n ${maxOpenFiles}
ulimit -c 0
cd /workspace
heap=$guest_heap
unset guest_memory guest_heap HOME TERM
exec 3<>${controlPort}

runner() (
  echo 0 >/control-groups/guest/cgroup.procs
  exec setpriv --nnp start-stop-daemon -S -q -c ${guestUser}:${guestUser} -x ${program} -- \\
    ${words.join(" ")} ${runnerPort} "$1" "$2" 2>"$3" 3>&-
)

touch /tmp/errors-1 /tmp/errors-2
${firstRunner === "with-machine" ? startFirst : waitForSession}
read -r marker seconds seed bytes <&3
printf %s "$seed" >/dev/urandom
/bin/reseed </dev/urandom || seed=
date -u -s "@$seconds"
${firstRunner === "with-session" ? startFirst : ""}
head -c "$bytes" <&3 | (cd /stage && cpio -i -d -m)
mount -o remount,ro /stage
for folder in servers data; do
  if [ -d /stage/$folder ]; then
    mkdir /workspace/$folder
    mount --bind /stage/$folder /workspace/$folder
  fi
done
# The number of a runner, from the host, ends it. One that comes too late names a runner that has gone.
watch() {
  while read -r number <&3; do
    [ "$number" != "$count" ] || kill -9 $pid
  done
}
pid=$! count=1
[ -n "$seed" ] && echo ${setLine} >&3
watch &
wait $pid
code=$? last=/tmp/errors-1 errors=/tmp/errors-2
while :; do
  kill -9 -1
  until {
    printf %s "$marker" >&4
    while read -r line <&4 && [ "$line" != ${nextLine} ]; do :; done
  } 4<>${runnerPort}; do sleep 0.01; done
  runner "$code" $last $errors &
  pid=$! count=$((count + 1))
  watch &
  wait $pid
  code=$? spare=$last last=$errors errors=$spare
done
`;
