using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Conversions;

/// <summary>The engine's conversion as the object that users see.</summary>
internal static class ConversionMapper
{
    public static P2VConversion ToObject(Conversion conversion, P2VSession session)
    {
        var manager = session.Engine.Conversions;
        var bytes = conversion.Volumes.Sum(v => v.BytesDone);
        var total = conversion.Volumes.Sum(v => v.BytesTotal);
        var isDriven = conversion.State != ConversionState.Completed && manager.IsDriven(conversion.Id);
        var isActive = conversion.State is ConversionState.Synchronizing or ConversionState.Verifying;
        var work = isActive ? conversion.Activity : conversion.Volumes;
        var (done, toDo) = (work.Sum(v => v.BytesDone), work.Sum(v => v.BytesTotal));
        var rate = RateOf(conversion, session, isActive ? done : bytes);
        var result = new P2VConversion(conversion.Id)
        {
            Name = conversion.Task.Name,
            Description = $"Conversion of {conversion.Task.Source.Host} to {conversion.Task.Name}",
            State = Names.Same<P2VConversionState>(conversion.State),
            InterruptedState = Names.SameOrNull<P2VConversionState>(conversion.InterruptedState),
            IsRunning = !IsOver(conversion.State) && isDriven,
            CanResume = conversion.State != ConversionState.Completed && !isDriven && !conversion.IsGoalReached,
            PercentComplete = PercentOf(conversion.State, conversion.InterruptedState, bytes, total),
            Source = conversion.Task.Source.Host,
            Destination = conversion.Task.Destination.Address,
            Location = conversion.Location,
            StartCommand = conversion.StartCommand,
            MachineId = conversion.MachineId,
            Machine = conversion.MachineId is { } machine ? new MachineLookup(session, conversion, machine) : null,
            BytesCopied = bytes,
            BytesTotal = total,
            FilesCopied = conversion.Volumes.Sum(v => v.FilesDone),
            BytesKept = conversion.Volumes.Sum(v => v.BytesKept),
            BandwidthLimitMbps = conversion.BandwidthLimitMbps,
            Rate = rate,
            TimeLeft = (isActive || conversion.State == ConversionState.Copying) && rate > 0 && toDo >= done
                ? TimeSpan.FromSeconds(Math.Round((toDo - done) / rate.Value))
                : null,
            StartTime = conversion.CreatedAt,
            FinishTime = conversion.CompletedAt,
            IncidentCount = conversion.IncidentCount,
            Error = conversion.Error is null ? null : new P2VConversionError
            {
                Id = conversion.Error.Id,
                Cause = conversion.Error.Cause,
                Remedy = conversion.Error.Remedy,
                Detail = conversion.Error.Detail,
            },
            Volumes = [.. conversion.Volumes.Select(ToObject)],
            Phases = [.. conversion.Phases.Select(p => new P2VConversionPhase
            {
                Name = Names.Same<P2VConversionState>(p.State),
                Duration = p.Duration,
            })],
            Activity = [.. conversion.Activity.Select(ToObject)],
            Passes = [.. conversion.Passes.Select(PassMapper.ToObject)],
            EstimatedCutover = CutoverEstimate.Of(conversion, DateTimeOffset.UtcNow) is { } cutover ? TimeSpan.FromSeconds(Math.Ceiling(cutover.TotalSeconds)) : null,
            Verification = conversion.Verification is { } verification ? PassMapper.ToObject(verification) : null,
            StoppedService = [.. conversion.ServicesAtRest],
            LogPath = manager.GetLogPath(conversion.Id),
        };
        session.Seen[conversion.Id] = result;
        return result;
    }

    public static bool IsOver(ConversionState state) =>
        state is ConversionState.Completed or ConversionState.Failed or ConversionState.Stopped;

    /// <summary>0 to 100. The copy, which takes nearly all the time, has 5 to 90 of it.</summary>
    public static float PercentOf(ConversionState state, ConversionState? interrupted, long bytes, long total) => state switch
    {
        ConversionState.DeployingHelper => 1,
        ConversionState.HelperReady => 3,
        ConversionState.Preparing => 4,
        ConversionState.Copying => total <= 0 ? 5 : 5 + 85 * Math.Min(1f, (float)bytes / total),
        ConversionState.Synchronizing or ConversionState.Verifying or ConversionState.Synchronized => 90,
        ConversionState.Reconfiguring => 92,
        ConversionState.Finishing => 97,
        ConversionState.Completed => 100,
        ConversionState.Failed or ConversionState.Stopped when interrupted is { } at && !IsOver(at) => PercentOf(at, null, bytes, total),
        _ => 0,
    };

    private static P2VConversionVolume ToObject(VolumeState volume) => new()
    {
        Name = volume.VolumeId,
        BytesCopied = volume.BytesDone,
        BytesTotal = volume.BytesTotal,
        FilesCopied = volume.FilesDone,
        FilesTotal = volume.FilesTotal,
        IsComplete = volume.IsComplete,
    };

    /// <summary>While it copies: what this session measured. Afterwards: the mean over the copy.</summary>
    private static double? RateOf(Conversion conversion, P2VSession session, long bytes)
    {
        if (conversion.State is ConversionState.Copying or ConversionState.Synchronizing or ConversionState.Verifying)
        {
            var meter = session.Meters.GetOrAdd(conversion.Id, static _ => new RateMeter());
            meter.Add(conversion.UpdatedAt, bytes);
            return meter.BytesPerSecond;
        }

        var copying = conversion.Phases.Where(p => p.State == ConversionState.Copying).Sum(p => p.Duration.TotalSeconds);
        return copying > 0 ? conversion.Volumes.Sum(v => v.BytesDone - v.BytesKept) / copying : null;
    }
}
