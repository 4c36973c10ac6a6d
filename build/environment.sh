# Sourced in the folder of the repository, by the fronts and by pwsh.sh.
# Nothing of the SDK stays running behind a build, and nothing is reported anywhere.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
# dpkg and the disk tools live in sbin, which a plain user's PATH lacks.
export PATH="$PATH:/usr/sbin:/sbin"
# The SDK, NuGet and PowerShell want a home: the repository has one for a machine without.
if [ -z "${HOME:-}" ]; then
  HOME=$PWD/.lab/home
  mkdir -p "$HOME"
  export HOME
fi
