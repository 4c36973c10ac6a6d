using LinuxP2V.Engine.Rehearsals;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's rehearsal as the object that users see.</summary>
internal static class RehearsalMapper
{
    public static P2VRehearsal ToObject(Rehearsal rehearsal, string name) =>
        new()
        {
            Name = name,
            ConversionId = rehearsal.ConversionId,
            Booted = rehearsal.Booted,
            Reason = rehearsal.Reason,
            StartTime = rehearsal.StartedAt,
            Duration = rehearsal.Duration,
            SystemState = rehearsal.SystemState,
            Stages =
            [
                .. rehearsal.Stages.Select(stage => new P2VBootStage
                {
                    Name = stage.Name,
                    Seconds = Math.Round(stage.After.TotalSeconds, 1),
                }),
            ],
            FailedUnits = [.. rehearsal.FailedUnits],
            KernelMessages = [.. rehearsal.KernelMessages],
            Addresses = [.. rehearsal.Addresses],
            ConsoleLines = [.. rehearsal.ConsoleLines],
            Screenshots = [.. rehearsal.Screenshots],
            SshPort = rehearsal.SshPort,
            Error = ConversionMapper.ToObject(rehearsal.Error),
        };
}
