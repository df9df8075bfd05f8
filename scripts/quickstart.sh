#!/bin/sh
# npm run quickstart: from a fresh machine to a running pod under the embedded runtime.
# Starts no service. Safe to repeat: what an earlier run left is replaced.
. "$(dirname -- "$0")/setup.sh"

pod=quickstart
image=localhost/crish/quickstart:latest

[ "$(id -u)" = 0 ] || die "pods and packages need root's rights: run this as root"
packages="$runtime_packages $build_packages"
install_packages
install_modules

say "building dist/crish"
node scripts/build.ts

archive=$(mktemp -t crish-quickstart.XXXXXX)
keep=
finish() {
  status=$?
  trap - EXIT
  rm -f "$archive"
  [ -n "$keep" ] || remove_pod
  exit "$status"
}

crish() { dist/crish -r embedded: "$@"; }

remove_pod() {
  for id in $(crish pods -q --name "^$pod\$" 2>/dev/null); do
    crish rmp --force "$id" >/dev/null || true
  done
  if crish inspecti -q "$image" >/dev/null 2>&1; then
    crish rmi "$image" >/dev/null || true
  fi
}

# Shows a command as it would be typed, then runs it.
show() {
  printf '\n$ crish'
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  crish "$@"
}

remove_pod
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

node scripts/make-image.ts "$archive" "$image"
show load "$archive"
show run -d --name "$pod" "$image" sh -c 'echo hello from crish; while sleep 1; do date; done'
show pods
show ps
show images
show exec "$pod" hostname
show logs --tail 3 "$pod"
show stats

if [ -t 0 ] && [ -t 1 ]; then
  keep=yes
  say "the pod stays: try \"ps\", \"exec -it $pod sh\" or \"help\"; \"rmp -f $pod\" removes it"
  rm -f "$archive"
  exec dist/crish -r embedded: repl
fi
remove_pod
say "done; removed the pod and its image again"
