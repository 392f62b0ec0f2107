# System packages that ./sluice demo, ./test and bench/fanout need. Sourced by them.
#
#   ensure_packages NAME...   installs what is missing (Debian or Ubuntu, as root), or says what to install and returns 1
#   npm_packages FOLDER       installs a folder's npm packages under artifacts/npm and prints where

package_is_there() {
  case $1 in
    libnginx-mod-rtmp) [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ] ;;
    fonts-dejavu-core) [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] ;;
    nftables) PATH="$PATH:/usr/sbin" command -v nft >/dev/null ;;
    iproute2) PATH="$PATH:/usr/sbin" command -v tc >/dev/null ;;
    libc6-dev) [ -e /usr/include/stdio.h ] ;;
    nodejs) command -v node >/dev/null ;;
    *) PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing_packages() {
  local name
  for name in "$@"; do
    package_is_there "$name" || printf '%s ' "$name"
  done
}

ensure_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $missing" >&2
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
    # shellcheck disable=SC2086  # a list of names
    { DEBIAN_FRONTEND=noninteractive "${apt[@]}" update &&
      DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends $missing; } </dev/null >&2 || true
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
  fi
  echo "These programs are missing: $missing" >&2
  echo "On Debian or Ubuntu: sudo apt-get install --no-install-recommends $missing" >&2
  return 1
}

# Installs the npm packages of folder $1, once for each state of its lock, and prints where; 1 if that cannot be done.
npm_packages() {
  local folder=$1 root target fresh
  root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
  target=$root/artifacts/npm/$(basename "$folder")-$(sha256sum <"$folder/package-lock.json" | cut -c1-16)
  if [ ! -d "$target" ]; then
    mkdir -p "$root/artifacts/npm"
    fresh=$(mktemp -d "$target.XXXXXX") || return 1
    cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" "$fresh" &&
      (cd "$fresh" && timeout 120 npm ci --no-audit --no-fund) </dev/null >&2 && mv -T "$fresh" "$target" || rm -rf "$fresh"
  fi
  [ -d "$target" ] || { echo "The npm packages of $(basename "$folder") could not be installed" >&2; return 1; }
  echo "$target"
}
