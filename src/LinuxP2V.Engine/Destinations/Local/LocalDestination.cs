using System.Runtime.InteropServices;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// A folder of VMs that QEMU runs: one folder for each VM, which is its id. The processes outlive the engine; whatever
/// is known of a VM is in its folder.
/// </summary>
public sealed partial class LocalDestination : ITwinDestination
{
    private readonly string root;
    private readonly string qemuPath;
    private readonly DiskImages images;
    private readonly LocalDestinationOptions options;
    private readonly IEngineConsole console;
    private string? accelerator;

    private LocalDestination(string root, string qemuPath, string imageToolPath, LocalDestinationOptions options, IEngineConsole console)
    {
        this.root = root;
        this.qemuPath = qemuPath;
        this.options = options;
        this.console = console;
        images = new DiskImages(imageToolPath);
        Reference = new DestinationReference(DestinationKinds.Local, root);
    }

    /// <inheritdoc/>
    public DestinationReference Reference { get; }

    /// <summary>Creates the folder if need be.</summary>
    /// <exception cref="P2VException">
    /// DestinationToolMissing: no QEMU. DestinationNotSupported: not on Linux, or no folder to write to.
    /// </exception>
    public static LocalDestination Open(string folder, LocalDestinationOptions options, IEngineConsole console)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                "A local folder can be a destination on Linux only.",
                "Run LinuxP2V on a Linux machine, or connect to a vSphere server with Connect-P2VServer."
            );
        }

        var qemu = LocalTool.Locate("qemu-system-x86_64", options.QemuPath);
        var imageTool = LocalTool.Locate("qemu-img", null, Path.Combine(Path.GetDirectoryName(qemu)!, "qemu-img"));
        string root;
        try
        {
            root = Path.GetFullPath(folder).TrimEnd('/') is { Length: > 0 } path ? path : "/";
            Directory.CreateDirectory(root);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.ToError(
                exception,
                ErrorIds.DestinationNotSupported,
                folder,
                "make the folder",
                "Choose a folder that you may write to."
            );
        }

        return new LocalDestination(root, qemu, imageTool, options, console);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> TestAsync(
        MachineSpecification machine,
        string? helperImagePath,
        CancellationToken cancellationToken
    ) => LocalMachineTest.RunAsync(root, machine, options, qemuPath, cancellationToken);

    /// <summary>The folder, which has no limits of its own.</summary>
    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification machine,
        string? machineId,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<MachinePlace>>([new MachinePlace(machine.Placement, null, [])]);

    /// <inheritdoc/>
    public async Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        HelperImage.Require(helperImagePath);
        var folder = FolderOf(machine.Name);
        if (folder.Exists && folder.Load() is var existing && existing.ConversionId == conversionId)
        {
            // The engine that comes back may have another key, or the image may have moved.
            folder.SaveSettings(settings);
            folder.Save(existing with { HelperImagePath = Path.GetFullPath(helperImagePath) });
            return await GetAsync(folder.Name, cancellationToken).ConfigureAwait(false);
        }

        if (Directory.Exists(folder.Path) || File.Exists(folder.Path))
        {
            throw new P2VException(
                ErrorIds.DestinationNameTaken,
                $"There is a {folder.Path} already.",
                "Give the VM another name with -Name, or remove what is there.",
                machine.Name
            );
        }

        console.Verbose(
            $"Making {machine.Disks.Count} disks, {ByteSize.Format(machine.Disks.Sum(disk => disk.SizeBytes))} in all, in {folder.Path}."
        );
        await new MachineBuilder(root, options, images)
            .BuildAsync(machine, settings, Path.GetFullPath(helperImagePath), conversionId, cancellationToken)
            .ConfigureAwait(false);
        return await GetAsync(folder.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machine.Name);
        return folder.Exists && folder.Load().ConversionId == conversionId
            ? await GetAsync(folder.Name, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public async Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        var description = folder.Load();
        var power = await new MachineProcess(folder, description).GetPowerAsync(cancellationToken).ConfigureAwait(false);
        var startCommand = description.State == MachineState.Finished ? folder[MachineFolder.StartScript] : null;
        return new DestinationMachine(folder.Name, description.Machine.Name, power, folder.Path, description.MacAddresses, startCommand)
        {
            ConversionId = description.ConversionId,
        };
    }

    /// <inheritdoc/>
    public async Task PowerOnAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        var description = folder.Load();
        if (new MachineProcess(folder, description).IsRunning)
            return;

        if (description.State == MachineState.Helper)
            HelperImage.Require(description.HelperImagePath);

        if (!FreePort.IsFree(description.SshPort))
        {
            description = description with { SshPort = FreePort.Find(MachineBuilder.ReservedPorts(root)) };
            folder.Save(description);
        }

        // What an earlier boot said would be taken for this one's message.
        File.Delete(folder[MachineFolder.HelperLines]);
        var chosen = await GetAcceleratorAsync(cancellationToken).ConfigureAwait(false);
        console.Verbose($"Starting {folder.Name} with QEMU ({chosen}), SSH at 127.0.0.1:{description.SshPort}.");
        await new MachineProcess(folder, description).StartAsync(qemuPath, chosen, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PowerOffAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        await new MachineProcess(folder, folder.Load()).StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nobody but QEMU writes to the helper's port.</summary>
    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        var description = folder.Load();
        var process = new MachineProcess(folder, description);
        // Should the helper start anew, it takes this key from the beginning.
        folder.SaveSettings(settings);
        var attachment = new HelperAttachment(
            folder[MachineFolder.HelperSocket],
            settings,
            () => LastAnnouncement(folder) is not null,
            () => RequireRunning(folder, process)
        );
        var announcement = await attachment.AttachAsync(options.HelperTimeout, cancellationToken).ConfigureAwait(false);
        return new HelperEndpoint("127.0.0.1", description.SshPort, announcement.HostKey, announcement.BootId);
    }

    /// <inheritdoc/>
    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        var description = folder.Load();
        if (description.State == MachineState.Finished)
            return Task.FromResult(true);

        var isFinished =
            !new MachineProcess(folder, description).IsRunning
            && LastAnnouncement(folder) is { IsFinished: true } lastWord
            && lastWord.ConversionId == description.ConversionId;
        return Task.FromResult(isFinished);
    }

    /// <inheritdoc/>
    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => HelperNetworkAddress.Translate(source);

    /// <inheritdoc/>
    public async Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        var description = folder.Load();
        if (description.State == MachineState.Helper)
        {
            if (new MachineProcess(folder, description).IsRunning)
            {
                throw new P2VException(
                    ErrorIds.OperationOutOfOrder,
                    $"The helper of {folder.Name} still runs.",
                    "Let it power off first.",
                    folder.Name
                );
            }

            for (var number = 0; description.ImageFormat == DiskImageFormat.Vmdk && number < description.DiskFiles.Count; number++)
            {
                console.Verbose($"Making {MachineFolder.ExportFile(number)}.");
                await images.ExportAsync(folder, number, cancellationToken).ConfigureAwait(false);
            }

            description = description with
            {
                State = MachineState.Finished,
                MacAddresses = [.. description.MacAddresses.Select((own, index) => description.Machine.Adapters[index].MacAddress ?? own)],
            };
            var script = StartScript.Build(description, qemuPath, await GetAcceleratorAsync(cancellationToken).ConfigureAwait(false));
            File.WriteAllText(folder[MachineFolder.StartScript], script);
            PosixFile.MakeExecutable(folder[MachineFolder.StartScript]);
            foreach (
                var file in new[] { MachineFolder.Settings, MachineFolder.HelperSocket, MachineFolder.QmpSocket, MachineFolder.PidFile }
            )
                File.Delete(folder[file]);

            folder.Save(description);
        }

        return await GetAsync(machineId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string machineId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(machineId);
        if (!folder.Exists)
            return;

        var description = folder.Load();
        await new MachineProcess(folder, description).StopAsync(cancellationToken).ConfigureAwait(false);
        folder.Delete(description);
    }

    private static HelperAnnouncement? LastAnnouncement(MachineFolder folder)
    {
        try
        {
            using var stream = new FileStream(
                folder[MachineFolder.HelperLines],
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var reader = new StreamReader(stream);
            return reader
                .ReadToEnd()
                .Split('\n')
                .Select(HelperSerialPort.ParseLine)
                .LastOrDefault(announcement => announcement is not null);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static void RequireRunning(MachineFolder folder, MachineProcess process)
    {
        if (process.IsRunning)
            return;

        var lastLines = folder.LastLines(MachineFolder.HelperLog);
        throw new P2VException(
            ErrorIds.HelperStartFailed,
            $"The helper of {folder.Name} is not running.{(lastLines.Length == 0 ? "" : $" Its last lines: {lastLines}")}",
            $"Look at {folder[MachineFolder.HelperLog]}; Resume-P2VConversion starts it again.",
            folder.Name
        );
    }

    /// <exception cref="P2VException">MachineNotFound: an id that leads out of this destination.</exception>
    private MachineFolder FolderOf(string machineId) =>
        machineId.Length > 0 && machineId[0] != '.' && machineId.IndexOfAny(['/', '\0']) < 0
            ? new MachineFolder(Path.Combine(root, machineId))
            : throw new P2VException(
                ErrorIds.MachineNotFound,
                $"'{machineId}' is no name of a VM in {root}.",
                "Use a VM name without slashes that does not begin with a dot.",
                machineId
            );

    /// <summary>Probed once; two at the same time would only find the same.</summary>
    private async Task<string> GetAcceleratorAsync(CancellationToken cancellationToken) =>
        accelerator ??= await AcceleratorProbe.ChooseAsync(qemuPath, options.Accelerator, cancellationToken).ConfigureAwait(false);
}
