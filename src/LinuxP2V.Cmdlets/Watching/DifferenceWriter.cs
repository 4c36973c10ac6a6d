using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Watching;

/// <summary>Writes the differences of running comparisons as they come, each once.</summary>
internal sealed class DifferenceWriter(P2VSession session, Action<object> write)
{
    private readonly Dictionary<string, Progress> progress = [];

    /// <summary>What is new since the last call. Several conversions are followed at the same time.</summary>
    public void Read(string id)
    {
        var conversion = session.Engine.Conversions.Get(id);
        // Before it runs, the file is that of the comparison before.
        if (conversion.Verification is not { } verification || conversion.Goal is not { VerifyPercent: not null })
            return;
        lock (progress)
        {
            if (!this.progress.TryGetValue(id, out var progress))
                this.progress[id] = progress = new Progress();
            var page = session.Engine.Conversions.ReadDifferences(id, progress.Place);
            progress.Place = page.Next;
            foreach (var difference in page.Differences)
            {
                if (progress.Written.Add((difference.VolumeId, difference.Path, difference.Kind.ToString())))
                    write(PassMapper.ToObject(difference, conversion.Task.Name));
            }
        }
    }

    public long CountOf(string id)
    {
        lock (progress)
            return this.progress.TryGetValue(id, out var progress) ? progress.Written.Count : 0;
    }

    private sealed class Progress
    {
        public DifferencePlace? Place { get; set; }

        public HashSet<(string Volume, string Path, string Kind)> Written { get; } = [];
    }
}
