# Sourced by the fronts. Nothing of the SDK stays running behind a build, and nothing is reported anywhere.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# dpkg and the disk tools live in sbin, which a plain user's PATH lacks.
export PATH="$PATH:/usr/sbin:/sbin"
