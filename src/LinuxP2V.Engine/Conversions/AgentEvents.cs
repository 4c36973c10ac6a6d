using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>What an event of the agent makes of a conversion. Each event that counts comes once.</summary>
internal static class AgentEvents
{
    public static Conversion Apply(Conversion conversion, AgentEvent agentEvent) =>
        agentEvent switch
        {
            OperationStartedEvent started => Start(conversion, started),
            OperationCompletedEvent completed => End(conversion, completed.RequestId, completed.Time, isComplete: true),
            OperationFailedEvent failed => End(conversion, failed.RequestId, failed.Time, isComplete: false),
            VolumeProgressEvent progress => Progress(conversion, progress),
            VolumeCopiedEvent copied => conversion with
            {
                Volumes = Replace(
                    conversion.Volumes,
                    copied.VolumeId,
                    old =>
                        old with
                        {
                            BytesDone = copied.Bytes,
                            BytesTotal = copied.Bytes,
                            FilesDone = copied.Files,
                            FilesTotal = copied.Files,
                            IsComplete = true,
                        }
                ),
            },
            VolumeResumedEvent resumed => conversion with
            {
                Volumes = Replace(conversion.Volumes, resumed.VolumeId, old => old with { BytesKept = resumed.BytesKept }),
            },
            VolumeSyncedEvent synced => Sync(conversion, synced),
            VolumeVerifiedEvent verified => Verify(conversion, verified),
            SourceServicesEvent services => conversion with
            {
                StoppedServices = services.Stopped,
                ServicesBeingStopped = services.IsOngoing ? conversion.ServicesBeingStopped : [],
            },
            CopyIncidentEvent => conversion with { IncidentCount = conversion.IncidentCount + 1 },
            _ => conversion,
        };

    private static Conversion Start(Conversion conversion, OperationStartedEvent started)
    {
        switch (AgentOperation.NameOf(started.RequestId))
        {
            case AgentOperation.Copy when conversion.CopyStartedAt is null:
                return conversion with { CopyStartedAt = started.Time };
            case AgentOperation.Sync:
                var open = conversion.IsPassOpen
                    ? conversion.Passes[conversion.Passes.Count - 1]
                    : new SyncPass
                    {
                        Number = conversion.Passes.Count + 1,
                        CoversSince =
                            (
                                conversion.Passes.Count > 0
                                    ? conversion.Passes[conversion.Passes.Count - 1].RunStartedAt
                                    : conversion.CopyStartedAt
                            ) ?? started.Time,
                        StartedAt = started.Time,
                    };
                // From the first byte on: what reconfiguration changed may be the source's again.
                return With(conversion, open with { RunStartedAt = started.Time }) with { IsReconfigured = false, Activity = [] };
            case AgentOperation.Verify:
                return conversion with
                {
                    Verification = new Verification { StartedAt = started.Time, SamplePercent = conversion.Goal?.VerifyPercent ?? 100 },
                    Activity = [],
                };
            default:
                return conversion;
        }
    }

    private static Conversion End(Conversion conversion, string requestId, DateTimeOffset time, bool isComplete)
    {
        switch (AgentOperation.NameOf(requestId))
        {
            case AgentOperation.Sync when conversion.IsPassOpen:
                var pass = conversion.Passes[conversion.Passes.Count - 1];
                return With(conversion, pass with { Duration = pass.Duration + (time - pass.RunStartedAt), IsComplete = isComplete });
            case AgentOperation.Verify when conversion.Verification is { IsComplete: false } verification:
                return conversion with
                {
                    Verification = verification with { Duration = time - verification.StartedAt, IsComplete = isComplete },
                };
            default:
                return conversion;
        }
    }

    /// <summary>The figures of the full copy stay; those of later work go beside them.</summary>
    private static Conversion Progress(Conversion conversion, VolumeProgressEvent progress)
    {
        if (conversion.State is ConversionState.Synchronizing or ConversionState.Verifying)
        {
            return conversion with { Activity = Replace(conversion.Activity, progress.VolumeId, old => Reach(old, progress)) };
        }

        // The helper repeats its last message on a volume to each new connection, also when that is long copied.
        return conversion.Volumes.Any(v => v.VolumeId == progress.VolumeId && v.IsComplete)
            ? conversion
            : conversion with
            {
                Volumes = Replace(conversion.Volumes, progress.VolumeId, old => Reach(old, progress)),
            };
    }

    private static VolumeState Reach(VolumeState volume, VolumeProgressEvent progress) =>
        volume with
        {
            BytesDone = progress.BytesDone,
            BytesTotal = Math.Max(progress.BytesTotal, progress.BytesDone),
            FilesDone = progress.FilesDone,
            FilesTotal = Math.Max(progress.FilesTotal, progress.FilesDone),
        };

    private static Conversion Sync(Conversion conversion, VolumeSyncedEvent synced)
    {
        if (!conversion.IsPassOpen)
        {
            return conversion;
        }

        var pass = conversion.Passes[conversion.Passes.Count - 1];
        return With(conversion, pass with { ScanDuration = pass.ScanDuration + synced.ScanDuration, Counts = pass.Counts + synced.Counts });
    }

    private static Conversion Verify(Conversion conversion, VolumeVerifiedEvent verified) =>
        conversion.Verification is not { } sum
            ? conversion
            : conversion with
            {
                Verification = sum with
                {
                    Counts = sum.Counts + verified.Counts,
                    NotCompared = [.. sum.NotCompared.Union(verified.NotCompared)],
                },
            };

    private static Conversion With(Conversion conversion, SyncPass pass) =>
        conversion with
        {
            Passes = [.. conversion.Passes.Where(p => p.Number != pass.Number), pass],
        };

    private static IReadOnlyList<VolumeState> Replace(
        IReadOnlyList<VolumeState> volumes,
        string id,
        Func<VolumeState, VolumeState> change
    ) =>
        volumes.Any(v => v.VolumeId == id)
            ? [.. volumes.Select(v => v.VolumeId == id ? change(v) : v)]
            : [.. volumes, change(new VolumeState(id, 0, 0, 0, 0, false))];
}
