using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's passes, comparisons and differences as the objects that users see.</summary>
internal static class PassMapper
{
    public static P2VSyncPass ToObject(SyncPass pass) =>
        new()
        {
            Number = pass.Number,
            StartTime = pass.StartedAt,
            Duration = pass.Duration,
            ScanDuration = pass.ScanDuration,
            Created = pass.Counts.Created,
            Changed = pass.Counts.Changed,
            MetadataOnly = pass.Counts.MetadataOnly,
            Renamed = pass.Counts.Renamed,
            Deleted = pass.Counts.Deleted,
            Bytes = pass.Counts.Bytes,
            IsComplete = pass.IsComplete,
        };

    public static P2VVerification ToObject(Verification verification) =>
        new()
        {
            StartTime = verification.StartedAt,
            Duration = verification.Duration,
            IsComplete = verification.IsComplete,
            SamplePercent = verification.SamplePercent,
            Entries = verification.Counts.Entries,
            Files = verification.Counts.Files,
            Bytes = verification.Counts.Bytes,
            Wrong = verification.Counts.Wrong,
            ChangedOnSource = verification.Counts.ChangedOnSource,
            NotCompared = [.. verification.NotCompared],
        };

    public static P2VDifference ToObject(DifferenceEvent difference, string conversion) =>
        new()
        {
            Conversion = conversion,
            Volume = difference.VolumeId,
            Path = difference.Path,
            Kind = EnumMapper.Map<P2VDifferenceKind>(difference.Kind),
            ChangedOnSource = difference.ChangedOnSource,
            OnSource = difference.OnSource,
            InCopy = difference.InCopy,
        };
}
