#!/usr/bin/env bash
# Prepares this machine for the sandbox backends that need more than npm. Debian or Ubuntu; run as root; run it again at
# any time. It installs missing packages, and where no Docker daemon answers it starts one of its own, with its own
# socket, data folder and configuration. A Docker that is there already is used as it is: neither its configuration nor
# the firewall is touched.
#
#   scripts/setup-sandboxes.sh [--check] [--stop] [BACKEND...]
#     --check   change nothing; say what is there and what is missing; exit 1 if something is missing
#     --stop    end the daemon that this script started
#   BACKEND: docker gvisor bubblewrap srt qemu (default: all)
set -euo pipefail

state=/var/lib/mcp-code-bench
run=/run/mcp-code-bench
socket=$run/docker.sock
pidfile=$run/dockerd.pid
user_socket=${DOCKER_HOST:-}
check=no
stop=no
backends=()

for argument in "$@"; do
  case $argument in
    --check) check=yes ;;
    --stop) stop=yes ;;
    docker | gvisor | bubblewrap | srt | qemu) backends+=("$argument") ;;
    *)
      echo "Unknown argument $argument. Usage: scripts/setup-sandboxes.sh [--check] [--stop] [docker|gvisor|bubblewrap|srt|qemu ...]" >&2
      exit 2
      ;;
  esac
done
[ ${#backends[@]} -gt 0 ] || backends=(docker gvisor bubblewrap srt qemu)
wants() { [[ " ${backends[*]} " == *" $1 "* ]]; }

# command:package, for each backend.
declare -A needs=(
  [docker]="dockerd:docker.io iptables:iptables setpriv:util-linux"
  [gvisor]="dockerd:docker.io iptables:iptables runsc:runsc setpriv:util-linux"
  [bubblewrap]="bwrap:bubblewrap setpriv:util-linux"
  [srt]="bwrap:bubblewrap socat:socat rg:ripgrep"
  [qemu]="qemu-system-x86_64:qemu-system-x86 busybox:busybox-static setpriv:util-linux"
)

has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }
answers() { [ -S "$1" ] && curl --silent --fail --max-time 5 --unix-socket "$1" http://docker/_ping >/dev/null 2>&1; }
own_daemon() { [ -f "$pidfile" ] && [ "$(cat "/proc/$(cat "$pidfile")/comm" 2>/dev/null)" = dockerd ]; }

# A kernel for virtual machines: Debian's for clouds, unpacked and not installed, so that this machine's own boot is left
# alone. The modules are those of sandboxes/backends/qemu/supervisor.ts.
vm=$state/vm
vm_modules="virtio/virtio_ring virtio/virtio virtio/virtio_pci_modern_dev virtio/virtio_pci_legacy_dev virtio/virtio_pci char/virtio_console"
has_kernel() {
  local module
  [ -r "$vm/vmlinuz" ] || return 1
  for module in $vm_modules; do [ -r "$vm/modules/${module##*/}.ko" ] || return 1; done
}
fetch_kernel() {
  local folder package module found
  folder=$(mktemp -d)
  # apt downloads as a user of its own.
  chmod 755 "$folder"
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
  if [ -z "$package" ]; then
    apt-get update -qq >/dev/null 2>&1 || true
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
  fi
  if [ -z "$package" ] || ! (cd "$folder" && apt-get download -qq "$package" >log 2>&1 && dpkg -x "$package"_*.deb kernel); then
    [ ! -f "$folder/log" ] || tail -n 5 "$folder/log" >&2
    echo "apt-get could not download the kernel that linux-image-cloud-amd64 depends on. Mend that and run it again." >&2
    rm -rf "$folder"
    return 1
  fi
  mkdir -p "$vm/modules"
  chmod 711 "$state"
  for module in $vm_modules; do
    found=$(find "$folder/kernel" -path "*/drivers/$module.ko*" | head -n 1)
    case $found in
      *.ko) cp "$found" "$vm/modules/" ;;
      *.ko.xz) xz -dc "$found" >"$vm/modules/${module##*/}.ko" ;;
      *)
        echo "$package has no module ${module##*/}.ko, so its kernel cannot run these machines." >&2
        rm -rf "$folder"
        return 1
        ;;
    esac
  done
  # Last: without it nothing above counts.
  cp "$folder"/kernel/boot/vmlinuz-* "$vm/vmlinuz"
  chmod -R a+rX "$vm"
  echo "$package" >"$vm/package"
  rm -rf "$folder"
}

# Whoever may write to the socket is root on this machine. dockerd itself makes it writable for a group.
close_socket() {
  chmod 700 "$run"
  chmod 600 "$socket"
}

# The socket of a daemon that answers: the user's own first.
find_daemon() {
  local candidate
  for candidate in "${user_socket#unix://}" /var/run/docker.sock "$socket"; do
    if answers "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

if [ $stop = yes ]; then
  if own_daemon; then
    kill "$(cat "$pidfile")"
    echo "stopped the daemon of $socket"
  else
    echo "no daemon of this script runs"
  fi
  exit 0
fi

missing=()
for backend in "${backends[@]}"; do
  for need in ${needs[$backend]}; do
    if ! has "${need%%:*}" && [[ " ${missing[*]-} " != *" ${need#*:} "* ]]; then missing+=("${need#*:}"); fi
  done
done
has curl || missing+=(curl)
# Guests are given the system's own Python, and no other.
if { wants docker || wants gvisor || wants bubblewrap; } && [ ! -x /usr/bin/python3 ]; then missing+=(python3); fi
needs_daemon=no
if wants docker || wants gvisor; then needs_daemon=yes; fi

# An answering daemon needs no packages of ours to be started.
daemon=$(find_daemon || true)
if [ -n "$daemon" ]; then
  kept=()
  for package in ${missing[@]+"${missing[@]}"}; do
    case $package in docker.io | iptables) ;; *) kept+=("$package") ;; esac
  done
  missing=(${kept[@]+"${kept[@]}"})
fi

if [ $check = yes ]; then
  status=0
  if [ ${#missing[@]} -gt 0 ]; then
    echo "missing packages: ${missing[*]}"
    status=1
  else
    echo "packages: all there"
  fi
  if [ $needs_daemon = yes ]; then
    if [ -n "$daemon" ]; then echo "docker daemon: $daemon"; else
      echo "docker daemon: none answers"
      status=1
    fi
  fi
  if wants qemu; then
    if has_kernel; then echo "kernel for virtual machines: $vm"; else
      echo "kernel for virtual machines: none in $vm"
      status=1
    fi
  fi
  [ $status = 0 ] || echo "Run scripts/setup-sandboxes.sh as root to set it up."
  exit $status
fi

if [ "$(id -u)" != 0 ]; then
  echo "Run this as root (sudo scripts/setup-sandboxes.sh), or use --check to see what is missing." >&2
  exit 2
fi

if [ ${#missing[@]} -gt 0 ]; then
  if ! has apt-get; then
    echo "This machine has no apt-get. Install these yourself and run it again: ${missing[*]}" >&2
    exit 2
  fi
  echo "installing ${missing[*]}"
  # A package may not start its service: Docker's own start would change the firewall.
  policy=/usr/sbin/policy-rc.d
  made_policy=no
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    made_policy=yes
  fi
  trap '[ $made_policy = no ] || rm -f $policy' EXIT
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install ${missing[*]}; the lines above say why. Mend that and run it again." >&2
    exit 2
  fi
  rm -f "$log"
fi

if [ $needs_daemon = yes ] && [ -z "$daemon" ]; then
  mkdir -p "$state/docker" "$run"
  # Others may pass through to the kernel of the virtual machines; the folders beside it are closed by themselves.
  chmod 711 "$state"
  chmod 700 "$run"
  # No bridge and no iptables: the sandboxes have no network, so the host's is left alone.
  runtimes=
  if has runsc; then
    runtimes=",\"runtimes\":{\"runsc\":{\"path\":\"$(command -v runsc)\",\"runtimeArgs\":[\"--platform=ptrace\",\"--network=none\",\"--fsgofer-host-uds\"]}}"
  fi
  cat >"$state/daemon.json" <<J
{"hosts":["unix://$socket"],"group":"root","data-root":"$state/docker","exec-root":"$run/exec","pidfile":"$pidfile","bridge":"none","iptables":false,"ip6tables":false,"ip-forward":false$runtimes}
J
  rm -f "$pidfile" "$run/exec/containerd/containerd.pid"
  PATH=$PATH:/usr/sbin:/sbin setsid nohup dockerd --config-file "$state/daemon.json" >"$state/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 300); do
    answers "$socket" && break
    sleep 0.1
  done
  if ! answers "$socket"; then
    tail -n 20 "$state/dockerd.log" >&2
    echo "dockerd did not start in 30 s; the lines above are the end of $state/dockerd.log." >&2
    exit 2
  fi
  daemon=$socket
  close_socket
  echo "started a docker daemon of our own: unix://$socket (log: $state/dockerd.log)"
elif [ $needs_daemon = yes ]; then
  [ "$daemon" != "$socket" ] || close_socket
  echo "docker daemon: unix://$daemon"
fi
if wants qemu; then
  if ! has_kernel; then fetch_kernel || exit 2; fi
  echo "kernel for virtual machines: $vm ($(cat "$vm/package" 2>/dev/null || echo "of unknown origin"))"
fi
if wants gvisor && [ -n "$daemon" ]; then
  curl --silent --max-time 5 --unix-socket "$daemon" http://docker/info | grep -q '"runsc"' ||
    echo "gvisor: the daemon at $daemon knows no runtime \"runsc\". Add it to its configuration, or stop it and let this script start one."
fi
echo "ready: ${backends[*]}"
