# Sourced by the other scripts: brings a machine to the point where node and bun of this checkout run.
# Callers set `packages` (Debian package names) first. Safe to repeat; does nothing that is done already.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

say() { printf '%s\n' "crish: $*" >&2; }
die() { say "$*"; exit 1; }

missing_packages() {
  for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || printf '%s ' "$package"
  done
}

# Installing a server's package on a machine with an init system starts the server. While this
# policy is in place nothing is started; a policy that is there already is left alone.
install_packages() {
  command -v apt-get >/dev/null 2>&1 ||
    die "this is not a Debian system; install the equivalents of: $packages"
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || die "not root, so cannot install: $missing"
  say "installing $missing"
  policy=/usr/sbin/policy-rc.d
  own_policy=
  if [ ! -e "$policy" ]; then
    own_policy=yes
    trap 'rm -f "$policy"' EXIT INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  fi
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: $missing"
  fi
  rm -f "$log"
  if [ -n "$own_policy" ]; then
    rm -f "$policy"
    trap - EXIT INT TERM HUP
  fi
}

install_modules() {
  stamp=node_modules/.crish-lockfile
  if ! cmp -s package-lock.json "$stamp"; then
    say "installing node modules"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      die "npm ci failed"
    cp package-lock.json "$stamp"
  fi
  case $(uname -m) in
    x86_64) bun_package=bun-linux-x64 ;;
    aarch64) bun_package=bun-linux-aarch64 ;;
    *) die "no Bun package for $(uname -m)" ;;
  esac
  PATH="$root/node_modules/.bin:$root/node_modules/@oven/$bun_package/bin:$PATH"
  export PATH
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 24 ] || die "node $major is too old and node_modules/.bin/node is missing"
  command -v bun >/dev/null || die "node_modules/@oven/$bun_package is missing"
}

# What the embedded runtime itself needs on a node.
runtime_packages="runc conmon catatonit containernetworking-plugins iptables iproute2 tar util-linux"
# What Node, the build and the quickstart's image need on top.
build_packages="libatomic1 busybox-static"
# Servers and tools that only the tests start.
test_packages="git containerd docker-registry skopeo expect tmux openssl procps attr qemu-user-static debootstrap zsh fish bash-completion mandoc jq less"
