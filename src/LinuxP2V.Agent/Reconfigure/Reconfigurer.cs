using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Apply;
using LinuxP2V.Agent.Reconfigure.Check;
using LinuxP2V.Agent.Reconfigure.Hooks;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Guest;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure;

/// <summary>
/// Makes the copy boot as the VM: its own tools in a chroot, by a plan that looks at its files first; originals are
/// kept.
/// </summary>
internal sealed class Reconfigurer(StorageSettings? settings = null) : IReconfigurer
{
    private const string ReportFile = $"{Originals.Folder}/report.json";

    private readonly StorageSettings settings = settings ?? new StorageSettings();

    /// <summary>May be repeated: it puts the originals back first. The copy's own tree is unmounted however it ends.</summary>
    /// <exception cref="AgentException">
    /// ReconfigurationFailed, ReconfigurationToolMissing, BootLoaderNotSupported, MountFailed, TargetDiskFull.
    /// </exception>
    public async Task RunAsync(MountedTarget target, ReconfigureOptions options, IEventSink sink, CancellationToken cancellationToken)
    {
        var tree = new TargetTree(settings.TargetRoot);
        DeviceMap devices;
        string fstab;
        try
        {
            await tree.AssembleAsync(target, cancellationToken);
            var layout = await WithUuidsAsync(target, cancellationToken);
            var guest = new GuestTarget(layout, options, target.DiskDevices);
            var context = new ReconfigureContext(target with { Layout = layout }, guest, new CopyRoot(settings.TargetRoot), sink);
            try
            {
                await context.Originals.RestoreAsync(cancellationToken);
                await RunAsync(context, cancellationToken);
            }
            finally
            {
                await context.Originals.SealAsync();
                WriteReport(context);
            }

            (devices, fstab) = (guest.Devices, context.Files.Tree.TryReadText("/etc/fstab") ?? "");
            await Tool.RunAsync("sync", [], cancellationToken);
        }
        catch (IOException exception)
        {
            throw new AgentException(
                new ErrorDescription(
                    ErrorIds.ReconfigurationFailed,
                    "A file of the copy could not be read or written.",
                    "Most often a volume of the copy is full: plan it larger and run the conversion again.",
                    exception.Message
                ),
                exception
            );
        }
        finally
        {
            await tree.DisassembleAsync();
        }

        var refused = await new TrialMounts(settings).RunAsync(target, devices, fstab, cancellationToken);
        PlanFindings.Report(refused, options.Force, PlanFindings.OnTheCopy, sink.Warning);
        target.Journal.MarkReconfigured();
    }

    private static async Task RunAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var hooks = new HookRunner(context);
        await hooks.RunAsync(HookMoment.BeforeReconfiguration, cancellationToken);
        var plan = GuestPlanner.Plan(context.Files.Tree.Store, context.Guest);
        foreach (var note in plan.Notes)
            context.Note(note);

        var isForced = context.Guest.Options.Force;
        PlanFindings.Report(plan.Findings, isForced, PlanFindings.OnTheCopy, context.Warn);
        await Appliers.ApplyAsync(plan, context, cancellationToken);
        await hooks.RunAsync(HookMoment.AfterReconfiguration, cancellationToken);
        PlanFindings.Report(
            await ResultCheck.RunAsync(context, plan.Kernel, cancellationToken),
            isForced,
            PlanFindings.OnTheCopy,
            context.Warn
        );
    }

    /// <summary>UUIDs that the layout left to the tools, read from the volumes.</summary>
    private static async Task<TargetLayout> WithUuidsAsync(MountedTarget target, CancellationToken cancellationToken)
    {
        var volumes = new List<TargetVolume>();
        foreach (var volume in target.Layout.Volumes)
        {
            var uuid =
                volume.FileSystem.Uuid
                ?? (
                    await Tool.RunAsync("blkid", ["-p", "-s", "UUID", "-o", "value", target.VolumeDevices[volume.Id]], cancellationToken)
                ).Output.Trim();
            volumes.Add(volume with { FileSystem = volume.FileSystem with { Uuid = uuid.Length == 0 ? null : uuid } });
        }

        return target.Layout with
        {
            Volumes = volumes,
        };
    }

    private static void WriteReport(ReconfigureContext context)
    {
        var report = new ReconfigureReport(DateTimeOffset.UtcNow, context.Changes, context.Notes, context.Warnings);
        Directory.CreateDirectory(context.Files.Host(Originals.Folder));
        File.WriteAllText(context.Files.Host(ReportFile), JsonSerializer.Serialize(report, ReconfigureJson.Default.ReconfigureReport));
    }
}
