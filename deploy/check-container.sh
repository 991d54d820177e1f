#!/usr/bin/env bash
# Builds the image and checks what it promises: a user that is neither root nor known to the image runs it on a
# read-only root file system, it answers from outside, SIGTERM ends it with exit code 0, and the data outlive it.
#
#   deploy/check-container.sh [--pull]
#
# Uses docker, podman or buildah, whichever works. Without --pull it is skipped unless the base images are there already.
# RUST_IMAGE and RUNTIME_IMAGE name other base images. buildah needs root here, since it has to mount what it built; where
# it runs in a container itself, BUILDAH="buildah --storage-driver vfs" and BUILDAH_ISOLATION=chroot may help.
set -euo pipefail
cd "$(dirname "$0")/.."

pull=no
[ "${1:-}" != --pull ] || pull=yes
image=claimdb-check
user=54321:54321
rust_image=${RUST_IMAGE:-$(sed -n 's/^ARG RUST_IMAGE=//p' Dockerfile)}
runtime_image=${RUNTIME_IMAGE:-$(sed -n 's/^ARG RUNTIME_IMAGE=//p' Dockerfile)}
arguments=(--build-arg "RUST_IMAGE=$rust_image" --build-arg "RUNTIME_IMAGE=$runtime_image" -t "$image" .)

say() { printf 'container: %s\n' "$*"; }
skip() { say "skipped: $*"; exit 0; }
fail() { say "FAILED: $*"; exit 1; }

read -ra buildah <<<"${BUILDAH:-buildah}"
engine=''
for candidate in docker podman; do
  if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
    engine=$candidate
    break
  fi
done
if [ -z "$engine" ] && command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
  engine=buildah
fi
[ -n "$engine" ] || skip "needs docker or podman, or buildah as root"

for base in "$rust_image" "$runtime_image"; do
  [ "$engine" = buildah ] && inspect=("${buildah[@]}" inspect --type image "$base") || inspect=("$engine" image inspect "$base")
  if ! "${inspect[@]}" >/dev/null 2>&1; then
    [ "$pull" = yes ] || skip "no base image $base here; --pull fetches it"
    [ "$engine" = buildah ] && fetch=("${buildah[@]}" pull) || fetch=("$engine" pull)
    "${fetch[@]}" "$base" || fail "cannot pull $base"
  fi
done

say "building with $engine"
if [ "$engine" = buildah ]; then
  # In Docker's format: the other one has no health check.
  "${buildah[@]}" build --format docker --layers --pull-never "${arguments[@]}"
else
  "$engine" build "${arguments[@]}"
fi

work=$(mktemp -d)
container='' server=''
# What runs is a container or, with buildah, a process in the mounted image; the checks below do not see which.
clean_up() {
  if [ "$engine" = buildah ]; then
    [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
    [ -z "$container" ] || "${buildah[@]}" rm "$container" >/dev/null 2>&1 || true
  else
    [ -z "$container" ] || "$engine" rm -f "$container" >/dev/null 2>&1 || true
    "$engine" volume rm -f "$image-data" >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT

if [ "$engine" = buildah ]; then
  container=$("${buildah[@]}" from --pull-never "$image")
  root=$("${buildah[@]}" mount "$container")
  config() { "${buildah[@]}" inspect --type image --format "$1" "$image"; }
  health_check=$(config '{{.Docker.Config.Healthcheck.Test}}')
  stop_signal=$(config '{{.Docker.Config.StopSignal}}')
  [ "$(config '{{.Docker.Config.User}}')" = 65532:65532 ] || fail "the image names no user by number"
  mapfile -t variables < <(config '{{range .Docker.Config.Env}}{{println .}}{{end}}' | sed '/^$/d')
  mapfile -t entry_point < <(config '{{range .Docker.Config.Entrypoint}}{{println .}}{{end}}' | sed '/^$/d')
  # A volume starts with what the image has in its place, mode included.
  mkdir -p "$root/proc" "$root/dev" "$work/data"
  chmod "$(stat -c %a "$root/data")" "$work/data"
  chmod 755 "$work"
  run() {
    # The words between the quotes are for the inner shell.
    # shellcheck disable=SC2016
    exec unshare --mount bash -c '
      set -e
      root=$1 data=$2 user=$3
      shift 3
      mount --bind "$root" "$root"
      mount --bind "$data" "$root/data"
      mount --rbind /proc "$root/proc"
      mount --rbind /dev "$root/dev"
      mount -o remount,bind,ro "$root"
      exec env -i "$@"
    ' run "$root" "$work/data" "$user" "${variables[@]}" chroot --userspec="$user" --groups="" "$root" "$@"
  }
  start() {
    (run "${entry_point[@]}" --listen 127.0.0.1:0) 2>"$work/log" &
    server=$!
    for _ in $(seq 100); do
      address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/log" | head -1)
      [ -z "$address" ] || return 0
      sleep 0.1
    done
    cat "$work/log"
    fail "does not listen"
  }
  inside() { (run "${entry_point[@]}" "$@"); }
  healthy() { inside health --addr "$address"; }
  stop() { kill -TERM "$server"; code=0; wait "$server" || code=$?; server=''; }
else
  health_check=$("$engine" image inspect --format '{{.Config.Healthcheck.Test}}' "$image")
  stop_signal=$("$engine" image inspect --format '{{.Config.StopSignal}}' "$image")
  start() {
    container=$("$engine" run --detach --read-only --user "$user" --cap-drop ALL --security-opt no-new-privileges \
      --publish 127.0.0.1::50051 --volume "$image-data:/data" "$image")
    address=$("$engine" port "$container" 50051/tcp | head -1)
  }
  inside() { "$engine" run --rm --read-only --user "$user" "$image" "$@"; }
  healthy() { "$engine" exec "$container" /usr/local/bin/claimdb health; }
  stop() {
    "$engine" stop --time 30 "$container" >/dev/null
    code=$("$engine" inspect --format '{{.State.ExitCode}}' "$container")
    "$engine" logs "$container" >"$work/log" 2>&1
    "$engine" rm "$container" >/dev/null
    container=''
  }
fi

case $health_check in *claimdb*health*) ;; *) fail "no health check in the image" ;; esac
case $stop_signal in SIGTERM | 15) ;; *) fail "the stop signal is $stop_signal" ;; esac
inside --version

for round in first second; do
  start
  for attempt in $(seq 100); do
    ! healthy >"$work/health" 2>&1 || break
    [ "$attempt" -lt 100 ] || { cat "$work/health"; fail "not healthy after the $round start"; }
    sleep 0.1
  done
  say "$round start: $(cat "$work/health") as user ${user%:*}, root file system read-only"
  if command -v grpcurl >/dev/null; then
    grpcurl -plaintext "$address" list | grep -q '^grpc.health.v1.Health$' || fail "reflection does not list health"
    grpcurl -plaintext "$address" grpc.health.v1.Health/Check | grep -q '"SERVING"' || fail "not SERVING from outside"
    say "answers from outside"
  else
    say "skipped: calls from outside, no grpcurl"
  fi
  stop
  [ "$code" = 0 ] || { cat "$work/log"; fail "SIGTERM ended it with exit code $code"; }
done
say "SIGTERM ends it with exit code 0; it starts again on its data"
