using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Sync;

/// <summary>What a pass asks the source for, out of the difference.</summary>
internal sealed class SyncPlan
{
    /// <summary>Files up to this size are brought over when they may have changed; of larger ones both sides are hashed.</summary>
    public const long SmallBytes = 16L << 20;

    private SyncPlan() { }

    /// <summary>Entries to bring over, rising.</summary>
    public List<int> Transfer { get; private set; } = [];

    /// <summary>Large files whose contents may be the same.</summary>
    public List<int> Large { get; } = [];

    /// <summary>Small ones that are brought over though they may be the same.</summary>
    public List<int> Small { get; } = [];

    /// <summary>Large ones with another mtime: they are taken to have other contents.</summary>
    public List<int> Assumed { get; } = [];

    public static SyncPlan Make(ManifestDifference difference, long smallBytes)
    {
        var plan = new SyncPlan();
        var manifest = difference.Manifest;
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            var (type, verdict) = (manifest.TypeOf(entry), difference.VerdictOf(entry));
            if (verdict == EntryState.Same || !SyncRules.IsCarried(type))
                continue;

            var mayBeSame = verdict is EntryState.Suspect or EntryState.Touched && type == EntryType.File;
            var isSmall = manifest[entry].Size <= smallBytes;
            if (mayBeSame && !isSmall && verdict == EntryState.Suspect)
            {
                plan.Large.Add(entry);
                continue;
            }

            plan.Transfer.Add(entry);
            if (mayBeSame)
                (isSmall ? plan.Small : plan.Assumed).Add(entry);
        }

        return plan;
    }

    /// <summary>Large files turned out to be others, or the same.</summary>
    public void Settle(IEnumerable<int> more, IReadOnlySet<int> fewer)
    {
        Transfer = [.. Transfer.Where(entry => !fewer.Contains(entry)).Concat(more).Order()];
    }
}
