using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Guest;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure;

/// <summary>
/// Plans the reconfiguration on the source's own files before anything is written to the disks, so that a machine that
/// cannot be made to boot is refused before hours of copying.
/// </summary>
internal static class SourcePreview
{
    /// <exception cref="AgentException">The plan has errors, or the source's commands fail.</exception>
    public static async Task RunAsync(
        ISource source,
        TargetLayout layout,
        ReconfigureOptions options,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        var result = await source.RunAsync(SourceFiles.Script(), cancellationToken);
        try
        {
            var plan = GuestPlanner.Preview(SourceFiles.Parse(result.Output), new GuestTarget(layout, options));
            PlanFindings.Report(plan.Findings, options.Force, PlanFindings.BeforeTheCopy, sink.Warning);
        }
        catch (Exception exception) when (exception is FormatException or IOException)
        {
            sink.Warning($"The reconfiguration could not be planned before the copy; it is planned on the copy. {exception.Message}");
        }
    }
}
