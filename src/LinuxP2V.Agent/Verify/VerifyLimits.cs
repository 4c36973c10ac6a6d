using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Verify;

/// <summary>What a comparison cannot say, and why.</summary>
/// <param name="NotCompared">A sentence each.</param>
internal sealed record VerifyLimits(ListingPrecision Precision, List<string> NotCompared)
{
    /// <summary>Whether flags of chattr and project numbers are compared.</summary>
    public bool ComparesFlags { get; private init; }

    /// <param name="lister">What listed the source.</param>
    public static VerifyLimits Of(VolumeWork work, SourceTools sourceTools, VerifyTools tools, ListingTool lister)
    {
        var hasFractions = lister == ListingTool.Find;
        var (volume, source) = (work.Volume, work.Streams.Source.Name);
        List<string> notCompared = [];
        if (volume.FileSystem.Kind == FileSystemKind.Vfat)
        {
            notCompared.Add($"Owners, modes and attributes on {volume.Id}: FAT has none.");
            return new VerifyLimits(new ListingPrecision(false, ListingPrecision.TimeUnit.TwoSeconds), notCompared);
        }

        if (tools.Attributes is null)
        {
            notCompared.Add(
                $"Extended attributes (ACLs, capabilities and SELinux labels among them) of {volume.Id}: "
                    + $"{source} has neither getfattr nor python3. Install its package attr and compare again."
            );
        }

        if (!sourceTools.HasLsattr)
            notCompared.Add($"File flags such as immutable, and projects of quotas, of {volume.Id}: {source} has no lsattr.");

        if (!work.View.SeesBelowMounts)
            notCompared.Add($"What lies below mount points inside {volume.Id}: {source} cannot mount privately (no unshare).");

        var unit = ListingPrecision.TimeUnit.Nanosecond;
        if (!hasFractions || !sourceTools.Has(SourceTools.Posix))
        {
            unit = ListingPrecision.TimeUnit.Second;
            notCompared.Add(
                $"Parts of a second in file times of {volume.Id}: the {(hasFractions ? "tar" : "find")} of {source} does not tell them."
            );
        }

        return new VerifyLimits(new ListingPrecision(true, unit), notCompared) { ComparesFlags = sourceTools.HasLsattr };
    }
}
