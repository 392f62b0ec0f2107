# Finding and running the .NET SDK. Sourced by ./sluice and ./test.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_HOME="${DOTNET_CLI_HOME:-${HOME:-/tmp}}"

# Nothing of a build may outlive it: a compiler server would keep our output pipe and lock file open.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
build_options=(-v q -nologo -tl:off -nodeReuse:false -p:UseSharedCompilation=false)

# Says why the server in $root was built without its console, where it was.
tell_console() { [ ! -e "$root/src/Sluice/obj/console.note" ] || cat "$root/src/Sluice/obj/console.note" >&2; }

find_dotnet() {
  local folder
  for folder in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
    command -v dotnet >/dev/null && return 0
    if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then PATH="$folder:$PATH"; fi
  done
  command -v dotnet >/dev/null && return 0
  echo "Sluice needs the .NET 10 SDK, and there is no dotnet here. Get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  return 1
}

find_sdk() {
  find_dotnet || return 1
  dotnet --list-sdks | grep -q '^10\.' && return 0
  echo "Sluice needs the .NET 10 SDK; dotnet here has: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')" >&2
  echo "Get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  return 1
}
