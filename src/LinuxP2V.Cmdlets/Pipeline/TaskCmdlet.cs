using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that makes a conversion of each task and sets it going.</summary>
public abstract class TaskCmdlet : DrivingCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [TaskTransformation]
    [ValidateNotNull]
    public P2VTask[] Task { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <param name="through">The state to which each task's conversion is taken.</param>
    /// <param name="onDriven">Called with each that was set going.</param>
    internal async Task StartTasksAsync(ConversionState through, Action<Conversion> onDriven, CancellationToken cancellationToken)
    {
        var secrets = ReadSecrets();
        foreach (var given in Task)
        {
            try
            {
                var (task, shown) = TaskReader.Read(Engine, given);
                var plan = TaskMapper.Describe(
                    shown,
                    Engine.Inspect(task.Facts, task.Settings, task.Destination),
                    await ChangesToShowAsync(task, secrets ?? given.Secrets?.Source, cancellationToken)
                );
                if (!ShouldProcess(plan, plan, "Convert"))
                    continue;

                // All that can be refused is refused before anything is stored.
                var destination = await Servers.FindAsync(task.Destination, cancellationToken, given.Server);
                var image = LocateHelperImage();
                var known =
                    secrets
                    ?? given.Secrets?.Source
                    ?? throw new P2VException(
                        ErrorIds.SourceCredentialRequired,
                        $"The task '{task.Name}' came from a file, and a file never holds the source's password or key.",
                        $"Give -Credential or -KeyFile for {task.Source}."
                    );
                var report = await Engine.TestAsync(task, destination, image, known, Console, cancellationToken);
                var conversion = Engine.Conversions.Create(task, Engine.RequireNoErrors(task, report.Findings, Force));
                await DriveAsync(conversion, known, ConversionGoal.To(through) with { Force = Force }, cancellationToken, destination);
                onDriven(Engine.Conversions.Get(conversion.Id));
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    /// <summary>Only -WhatIf shows them; who starts at once does not wait for them twice.</summary>
    private async Task<IReadOnlyList<PlannedChange>> ChangesToShowAsync(
        ConversionTask task,
        SourceSecrets? secrets,
        CancellationToken cancellationToken
    ) =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) && given is SwitchParameter { IsPresent: true }
            ? (await Engine.PlanReconfigurationAsync(task, secrets, Console, cancellationToken)).Changes
            : [];

    internal P2VConversion Show(Conversion conversion) => ConversionMapper.ToObject(conversion, Session);
}
