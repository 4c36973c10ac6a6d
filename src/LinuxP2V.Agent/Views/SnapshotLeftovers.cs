using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>
/// LVM snapshots that were left after their run, as when the source itself was restarted: a conversion's own are removed, those
/// of others are named and left alone. A leftover on btrfs is met when its volume's next snapshot is made.
/// </summary>
internal static class SnapshotLeftovers
{
    /// <summary>Before the conversion's first snapshot of this run.</summary>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static async Task RemoveAsync(ICopyStreams streams, string conversionId, IEventSink sink, CancellationToken cancellationToken)
    {
        var tag = SnapshotName.Of(conversionId, "").Tag;
        var answer = await streams.AskAsync(Script(tag), cancellationToken);
        foreach (var fields in answer.Output.Split('\n').Select(line => line.Split(' ', 2)).Where(fields => fields.Length == 2))
        {
            switch (fields[0])
            {
                case "removed":
                    sink.Information($"The snapshot {fields[1]}, which an earlier run left on {streams.Source.Name}, is removed.");
                    break;
                case "kept":
                    sink.Warning(
                        $"The snapshot {fields[1]}, which an earlier run left on {streams.Source.Name}, "
                            + $"could not be removed: {answer.Error.Trim()}"
                    );
                    break;
                default:
                    sink.Warning(
                        $"There is a snapshot of another conversion on {streams.Source.Name}: {fields[1]}. "
                            + $"If that one is over, remove it: lvremove {PosixShell.Quote(fields[1])}"
                    );
                    break;
            }
        }
    }

    /// <summary>Ends keepers that have not noticed yet that their run is over; they remove their snapshots themselves.</summary>
    /// <param name="tag">
    /// The beginning of the name that the keeper's process bears: the conversion's tag, or that and a volume's name.
    /// </param>
    public static string EndKeepers(string tag) =>
        $$"""
            for process in /proc/[0-9]*; do
              tr '\0' '\n' < "$process/cmdline" 2>/dev/null | grep -q {{PosixShell.Quote(
                "^" + tag
            )}} && kill "${process#/proc/}" 2>/dev/null
            done
            """;

    private static string Script(string tag) =>
        $$"""
            {{EndKeepers(tag)}}
            command -v lvs >/dev/null 2>&1 || exit 0
            lvs --noheadings -o vg_name,lv_name,lv_tags 2>/dev/null | while read -r group name tags; do
              case $name in {{SnapshotName.Prefix}}*) ;; *) continue ;; esac
              case ,$tags, in *,{{tag}},*) ;; *) echo "other $group/$name"; continue ;; esac
              tries=0
              while lvs "$group/$name" >/dev/null 2>&1 </dev/null && [ $tries -lt 30 ]; do
                lvremove -f "$group/$name" >/dev/null </dev/null || sleep 1
                tries=$((tries + 1))
              done
              if lvs "$group/$name" >/dev/null 2>&1 </dev/null; then echo "kept $group/$name"; else echo "removed $group/$name"; fi
            done
            :
            """;
}
