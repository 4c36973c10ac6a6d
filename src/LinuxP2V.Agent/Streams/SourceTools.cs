using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Streams;

/// <summary>What the source's own tools can do, found by trying: a version number tells little of a patched tar.</summary>
/// <param name="TarVersion">tar's first line, empty where it does not tell.</param>
/// <param name="Options">Those of <see cref="Wanted"/> that its tar takes without a message.</param>
/// <param name="BindFolder">A folder that can take a mount in a private namespace; null when there is no such namespace.</param>
internal sealed record SourceTools(string TarVersion, IReadOnlySet<string> Options, string? BindFolder, bool HasLsattr)
{
    public const string Posix = "--format=posix";
    public const string NoAccessTimes = "--pax-option=delete=atime,delete=ctime";
    public const string Acls = "--acls";
    public const string Xattrs = "--xattrs";
    public const string AllXattrs = "--xattrs-include=*";
    public const string SELinux = "--selinux";
    public const string Sparse = "--sparse";
    public const string NumericOwner = "--numeric-owner";
    public const string OneFileSystem = "--one-file-system";
    public const string Anchored = "--anchored";
    public const string NoWildcards = "--no-wildcards";
    public const string Exclude = "--exclude=./linuxp2v-none";
    public const string NullEnded = "--null";
    public const string NoRecursion = "--no-recursion";
    public const string NoUnquote = "--no-unquote";

    /// <summary>64 KiB, what a pipe holds: of tar's own 10 KiB each is a switch from one process to the next.</summary>
    public const string LargeRecords = "--blocking-factor=128";

    public const string Nice = "nice";
    public const string Ionice = "ionice";
    public const string Zstd = "zstd";
    public const string Gzip = "gzip";

    private static readonly string[] Packers = [Zstd, Gzip];

    private static readonly string[] Wanted =
    [
        Posix,
        NoAccessTimes,
        Acls,
        Xattrs,
        AllXattrs,
        SELinux,
        Sparse,
        NumericOwner,
        OneFileSystem,
        Anchored,
        NoWildcards,
        Exclude,
        NullEnded,
        NoRecursion,
        NoUnquote,
        LargeRecords,
    ];

    /// <summary>What can list its files.</summary>
    public ListingTool Lister { get; init; }

    /// <summary>How find itself fails there; null: it does not.</summary>
    public string? FindFailure { get; init; }

    /// <summary>How lsattr fails there, though there is one; null: it does not.</summary>
    public string? LsattrFailure { get; init; }

    /// <summary>CPUs that its commands may use.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Those of nice, ionice, zstd and gzip that it has.</summary>
    public IReadOnlySet<string> Programs { get; init; } = new HashSet<string>();

    public bool Has(string option) => Options.Contains(option);

    public bool HasProgram(string name) => Programs.Contains(name);

    /// <exception cref="AgentException">CopyFailed: there is no tar.</exception>
    public static async Task<SourceTools> ReadAsync(ISourceLane lane, string source, CancellationToken cancellationToken)
    {
        var result = await lane.AskAsync(Script(), cancellationToken);
        var lines = result
            .Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1]);
        if (!lines["tar"].Any())
        {
            throw new AgentException(
                Protocol.Messages.ErrorIds.CopyFailed,
                $"There is no tar on {source}.",
                "Install GNU tar on the source.",
                result.Error
            );
        }

        return new SourceTools(
            lines["version"].FirstOrDefault() ?? "",
            lines["option"].ToHashSet(),
            lines["namespace"].FirstOrDefault(),
            lines["lsattr"].Any()
        )
        {
            Lister = lines["lister"].FirstOrDefault() switch
            {
                "find" => ListingTool.Find,
                "stat" => ListingTool.Stat,
                _ => ListingTool.None,
            },
            FindFailure = lines["findfails"].FirstOrDefault(),
            LsattrFailure = lines["lsattrfails"].FirstOrDefault(),
            Cpus = int.TryParse(lines["cpus"].FirstOrDefault(), out var cpus) && cpus > 0 ? cpus : 1,
            Programs = lines["program"].ToHashSet(),
        };
    }

    private static string Script() =>
        $$"""
            command -v tar >/dev/null 2>&1 && echo tar=yes
            tar --version 2>/dev/null | sed -n '1s/^/version=/p'
            takes() { words=$(tar -c -f - "$@" -C / dev/null 2>&1 >/dev/null) && [ -z "$words" ]; }
            set -- {{PosixShell.Join(Wanted)}}
            if takes "$@"; then printf 'option=%s\n' "$@"
            else for option do takes "$option" && echo "option=$option"; done
            fi
            words=$(find / -prune 2>&1) || echo "findfails=exit code $?: $words" | sed -n 1p
            if command -v lsattr >/dev/null 2>&1; then
              words=$(lsattr -d / 2>&1); code=$?
              # As its answers are filtered; with an option that it does not know, find ends as if a file had gone.
              names=$(find / -prune -xdev \( -type f -o -type d \) ! -path x -exec sh -c 'printf "%s\n" "$@"' sh {} + 2>/dev/null |
                grep -aE '^/$' | tr '\n' '\0' | tr '\0' '\n')
              [ "$names" = / ] || { code=2; words='find -exec, grep -aE and tr hand on no name'; }
              case $code in 0|1) echo lsattr=yes ;; *) echo "lsattrfails=exit code $code: $words" | sed -n 1p ;; esac
            fi
            for program in {{PosixShell.Join(Packers)}}; do
              command -v "$program" >/dev/null 2>&1 && echo "program=$program"
            done
            nice -n 19 true >/dev/null 2>&1 && echo program={{Nice}}
            ionice -c 3 true >/dev/null 2>&1 && echo program={{Ionice}}
            echo "cpus=$(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo 2>/dev/null)"
            {{ListingTrial.Script}}
            for folder in /mnt /media /srv /opt /var /tmp; do
              [ -d "$folder" ] || continue
              unshare -m sh -c 'mount --make-rprivate / && mount --bind / "$1"' sh "$folder" >/dev/null 2>&1 &&
                echo "namespace=$folder" && break
            done
            :
            """;
}
