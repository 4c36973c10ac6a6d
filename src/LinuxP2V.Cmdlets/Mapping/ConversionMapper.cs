using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's conversion as the object that users see.</summary>
internal static class ConversionMapper
{
    public static P2VConversion ToObject(Conversion conversion, P2VSession session)
    {
        var manager = session.Engine.Conversions;
        var isDriven = conversion.State != ConversionState.Completed && manager.IsDriven(conversion.Id);
        var rate = ConversionProgress.RateOf(conversion, session.Meters.GetOrAdd(conversion.Id, static _ => new RateMeter()));
        var result = new P2VConversion(conversion.Id)
        {
            Name = conversion.Task.Name,
            Description = $"Conversion of {conversion.Task.Source.Host} to {conversion.Task.Name}",
            State = EnumMapper.Map<P2VConversionState>(conversion.State),
            InterruptedState = EnumMapper.MapOrNull<P2VConversionState>(conversion.InterruptedState),
            IsRunning = !ConversionOutcome.IsOver(conversion.State) && isDriven,
            CanResume = ConversionOutcome.CanResume(conversion, isDriven),
            PercentComplete = ConversionProgress.PercentOf(conversion),
            Source = conversion.Task.Source.Host,
            Destination = conversion.Task.Destination.Address,
            Location = conversion.Location,
            StartCommand = conversion.StartCommand,
            MachineId = conversion.MachineId,
            FindMachine = conversion.MachineId is { } machine ? new MachineLookup(session, conversion, machine).Find : null,
            BytesCopied = conversion.Volumes.Sum(v => v.BytesDone),
            BytesTotal = conversion.Volumes.Sum(v => v.BytesTotal),
            FilesCopied = conversion.Volumes.Sum(v => v.FilesDone),
            BytesKept = conversion.Volumes.Sum(v => v.BytesKept),
            BandwidthLimitMbps = conversion.BandwidthLimitMbps,
            Rate = rate,
            TimeLeft = ConversionProgress.TimeLeft(conversion, rate),
            StartTime = conversion.CreatedAt,
            FinishTime = conversion.CompletedAt,
            IncidentCount = conversion.IncidentCount,
            Error = ToObject(conversion.Error),
            ForcedError = [.. conversion.ForcedErrors.Select(error => FindingMapper.ToObject(error, conversion.Task.Name))],
            MachineFinding = [.. conversion.MachineFindings.Select(finding => FindingMapper.ToObject(finding, conversion.Task.Name))],
            Volumes = [.. conversion.Volumes.Select(ToObject)],
            Phases =
            [
                .. conversion.Phases.Select(p => new P2VConversionPhase
                {
                    Name = EnumMapper.Map<P2VConversionState>(p.State),
                    Duration = p.Duration,
                }),
            ],
            Activity = [.. conversion.Activity.Select(ToObject)],
            Passes = [.. conversion.Passes.Select(PassMapper.ToObject)],
            EstimatedCutover = CutoverEstimate.Of(conversion, DateTimeOffset.UtcNow) is { } cutover
                ? TimeSpan.FromSeconds(Math.Ceiling(cutover.TotalSeconds))
                : null,
            Verification = conversion.Verification is { } verification ? PassMapper.ToObject(verification) : null,
            Rehearsal = manager.FindRehearsal(conversion.Id) is { } rehearsal
                ? RehearsalMapper.ToObject(rehearsal, conversion.Task.Name)
                : null,
            StoppedService = [.. conversion.ServicesAtRest],
            LogPath = manager.GetLogPath(conversion.Id),
        };
        session.Seen[conversion.Id] = result;
        return result;
    }

    public static P2VConversion ToObject(DamagedConversion damaged) =>
        new(damaged.Id)
        {
            Name = damaged.Id,
            Description = damaged.Path,
            State = P2VConversionState.Damaged,
            StartTime = damaged.WrittenAt,
            Error = new P2VConversionError
            {
                Id = damaged.Failure.ErrorId,
                Cause = damaged.Failure.Message,
                Remedy = damaged.Failure.Remedy,
            },
        };

    public static P2VConversionError? ToObject(ErrorDescription? error) =>
        error is null
            ? null
            : new P2VConversionError
            {
                Id = error.Id,
                Cause = error.Cause,
                Remedy = error.Remedy,
                Detail = error.Detail,
            };

    private static P2VConversionVolume ToObject(VolumeState volume) =>
        new()
        {
            Name = volume.VolumeId,
            BytesCopied = volume.BytesDone,
            BytesTotal = volume.BytesTotal,
            FilesCopied = volume.FilesDone,
            FilesTotal = volume.FilesTotal,
            IsComplete = volume.IsComplete,
        };
}
