using System.Globalization;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Listing;

/// <summary>What lists a volume's files, in the records that <see cref="ManifestParser"/> reads. Runs in the volume's root.</summary>
internal static class ManifestScript
{
    private const string FindFormat = @"%y %m %U %G %n %i %s %b %T@ %C@ %P\0";

    /// <summary>
    /// find writes 4 kB at a time, and each wakes sshd and all behind it: a sixth of the processor time of a list. Tried
    /// with find itself, as it may be of another kind than stdbuf's library; only GNU's is known to leave nothing behind.
    /// </summary>
    private const string LargeWrites = """
        large=
        case $(stdbuf --version 2>/dev/null) in
          *'GNU coreutils'*) [ "$(stdbuf -o64K find /dev/null -prune 2>&1)" != /dev/null ] || large='stdbuf -o64K' ;;
        esac
        """;

    private const string NewLineName = "'*\n*'";

    /// <param name="excluded">Relative to the volume's root, without a slash before them.</param>
    /// <param name="moment">What is listed is as it was then, in seconds since 1970; null: as it is now.</param>
    /// <param name="ahead">Of find alone.</param>
    /// <param name="flushes">
    /// What programs have written through memory maps goes to the disk first: their next write then moves the time stamps.
    /// </param>
    /// <exception cref="ArgumentException">There is no tool.</exception>
    public static string List(
        ListingTool tool,
        IEnumerable<string> excluded,
        long? moment = null,
        ReadAheadScope ahead = ReadAheadScope.Nothing,
        bool flushes = false
    ) =>
        tool switch
        {
            ListingTool.Find => Gnu(excluded, moment, ahead, flushes),
            ListingTool.Stat => Stat(excluded, moment, flushes),
            _ => throw new ArgumentException("Nothing can list the files.", nameof(tool)),
        };

    /// <summary>Lists the source's volume as its view shows it.</summary>
    public static string OfSource(VolumeWork work, ListingTool tool, ReadAheadScope ahead = ReadAheadScope.Nothing) =>
        work.View.In(List(tool, ExcludedFrom(work.Volume), work.View.Moment, ahead, Flushes(work)));

    /// <summary>A snapshot was flushed when it was made; a flush loads the source's disks.</summary>
    public static bool Flushes(VolumeWork work) => work.View.Moment is null && !work.Streams.Options.LowImpact;

    /// <summary>The volume's excluded paths as <see cref="List"/> wants them, and the agent's own folder on the root volume.</summary>
    public static IEnumerable<string> ExcludedFrom(TargetVolume volume)
    {
        var root = (volume.MountPoint ?? "/").TrimEnd('/') + "/";
        foreach (var path in volume.ExcludedPaths.Select(p => p.TrimEnd('/')))
        {
            if (path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length)
                yield return path[root.Length..];
        }

        foreach (var path in AgentFiles.NamesIn(volume))
            yield return path;
    }

    private static string Gnu(IEnumerable<string> excluded, long? moment, ReadAheadScope ahead, bool flushes)
    {
        var prune = Prune(excluded);
        var list = $"$large find . -xdev {prune}-printf '{FindFormat}'";
        // What reads ahead has begun by the time that the trial takes.
        var lines =
            ahead == ReadAheadScope.Nothing ? $"{LargeWrites}\n{list}\ncode=$?" : ReadAhead.Around($"{LargeWrites}\n{list}", prune, ahead);
        return $"{Header("find", moment, flushes)}\nexport LC_ALL=C\n{lines}\n{End("code")}";
    }

    /// <summary>
    /// Folders first, as each must come before what is in it; one -exec for all the rest, as busybox takes no second one.
    /// stat ends its lines with a newline: names that hold one are asked for one at a time. The worst exit code is the
    /// script's, that of find inside the pipe too: a list that was cut short must not pass for a whole one.
    /// </summary>
    private static string Stat(IEnumerable<string> excluded, long? moment, bool flushes)
    {
        var prune = Prune(excluded);
        var single = PosixShell.Quote(
            $$"""
            for f do
              facts=$(stat -c '{{ListingTrial.StatFormat.Replace(
                " %n",
                "",
                StringComparison.Ordinal
            )}}' "$f") && printf '%s %s\0' "$facts" "$f"
            done
            """
        );
        return $$"""
            {{Header("stat", moment, flushes)}}
            export LC_ALL=C
            failed=0
            note() { [ "$1" -le "$failed" ] || failed=$1; }
            for kind in '-type d' '! -type d'; do
              { rc=$( { {
                find . -xdev {{prune}}$kind ! -path {{NewLineName}} -exec stat -c '{{ListingTrial.StatFormat}}' {} + 3>&- 4>&-
                echo $? >&3; } | tr '\n' '\0' >&4 3>&- 4>&-; } 3>&1 ); } 4>&1
              note ${rc:-2}
              find . -xdev {{prune}}$kind -path {{NewLineName}} -exec sh -c {{single}} sh {} +
              note $?
            done
            {{End("failed")}}
            """;
    }

    /// <summary>
    /// Sets uuid and device of the file system whose root is the working folder. By the kernel's list of mounts and by blkid
    /// without its cache, which may still hold what the device was seconds ago; by udev's links where blkid does not tell,
    /// as it does not to a user who may not read the device.
    /// </summary>
    private const string Identify = """
        identify() {
          here=$(pwd | sed -e 's/\\/\\134/g' -e 's/ /\\040/g')
          set -f
          set -- $(grep -F " $here " /proc/self/mountinfo 2>/dev/null | while read -r id parent number root point rest; do
            [ "$point" != "$here" ] || printf '%s %s\n' "$number" "${rest#* - }"
          done | tail -n 1)
          set +f
          uuid= device=${3:--} node=${3:--}
          [ -b "$node" ] || node=/dev/block/${1:-}
          [ -b "$node" ] || return
          uuid=$(blkid -c /dev/null "$node" 2>/dev/null | sed -n 's/.* UUID="\([^" ]*\)".*/\1/p')
          [ -z "$uuid" ] || return
          for link in /dev/disk/by-uuid/*; do
            [ "$link" -ef "$node" ] && uuid=${link##*/} && return
          done
        }
        identify
        """;

    /// <summary>A list that find could not bring to its end has no mark of it.</summary>
    private static string End(string code) => $"[ ${code} -gt 1 ] || printf '{ManifestHeader.EndWord}\\0'\nexit ${code}";

    /// <summary>
    /// The header gives the source's time, without which no change could be found later. Where the source cannot tell the
    /// time, the script ends with the message and the exit code of date. A flush comes behind that time: what changes while
    /// it runs counts as changed at the time of the list.
    /// </summary>
    private static string Header(string tool, long? moment, bool flushes) =>
        $$"""
            {{(moment is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"now={seconds}") : "now=$(date +%s) || exit")}}
            {{(flushes ? "sync -f . 2>/dev/null || sync" : ":")}}
            {{Identify}}
            printf '{{ManifestHeader.Word}} {{ManifestHeader.Version}} %s {{tool}} %s %s\0' "$now" "${uuid:--}" "${device:--}"
            """;

    private static string Prune(IEnumerable<string> excluded) =>
        string.Concat(excluded.Select(path => $"-path {PosixShell.Quote("./" + Literal(path))} -prune -o "));

    /// <summary>find takes -path as a pattern.</summary>
    private static string Literal(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal)
            .Replace("?", "\\?", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal);
}
