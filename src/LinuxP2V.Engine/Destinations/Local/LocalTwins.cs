using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// Twins of VMs in a folder. A twin has a folder beside that of its VM: qcow2 layers above the VM's frozen disks, a copy of the
/// firmware's variables, and a description of its own.
/// </summary>
internal sealed class LocalTwins(string root, DiskImages images)
{
    private const string Suffix = "-rehearsal";

    /// <summary>What a boot writes and a reconfiguration changes, and what the VM overwrites meanwhile, as a share of the data.</summary>
    private const double ShareOfData = 0.2;
    private const long LeastSpace = 1L << 30;

    public static string NameOf(string machineId) => machineId + Suffix;

    public IReadOnlyList<Finding> Test(string machineId)
    {
        var machine = FolderOf(machineId).Load().Machine;
        var needed = Math.Max(LeastSpace, (long)(machine.Disks.Sum(disk => disk.UsedBytes) * ShareOfData));
        var free = new DriveInfo(root).AvailableFreeSpace;
        return free >= needed
            ? []
            :
            [
                new Finding(
                    FindingSeverity.Error,
                    ErrorIds.DestinationFull,
                    root,
                    $"A twin of {machineId} needs about {ByteSize.Format(needed)}, but {root} has {ByteSize.Format(free)} free.",
                    "Free space there."
                ),
            ];
    }

    /// <exception cref="P2VException">TwinNotPossible, MachineNotFound, DestinationFull.</exception>
    public async Task<MachineFolder> CreateAsync(string machineId, TwinSpecification wanted, CancellationToken cancellationToken)
    {
        var machine = FolderOf(machineId);
        var original = machine.Load();
        var twin = FolderOf(NameOf(machineId));
        if (Directory.Exists(twin.Path) || File.Exists(twin.Path))
        {
            throw new P2VException(
                ErrorIds.DestinationNameTaken,
                $"There is a {twin.Path} already, which is no twin of {machineId}.",
                "Move it elsewhere: a rehearsal uses that name.",
                machineId
            );
        }

        PosixFile.CreatePrivateFolder(twin.Path);
        var description = Describe(original, machineId, wanted);
        twin.SaveSettings(wanted.Settings);
        twin.Save(description);
        if (original.FirmwarePath is not null)
            File.Copy(machine[MachineFolder.Nvram], twin[MachineFolder.Nvram]);

        for (var number = 0; number < original.DiskFiles.Count; number++)
        {
            await images
                .CreateAsync(
                    twin[MachineFolder.OverwrittenFile(number)],
                    original.Machine.Disks[number] with
                    {
                        Format = DiskFormat.Thin,
                    },
                    DiskImageFormat.Qcow2,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        try
        {
            var frozen = await new FrozenDisks(machine, twin)
                .FreezeAsync(original.DiskFiles.Count, cancellationToken)
                .ConfigureAwait(false);
            for (var number = 0; number < frozen.Count; number++)
                await images.LayAsync(twin[description.DiskFiles[number]], frozen[number], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (QmpSession.IsBroken(exception) || exception is QmpException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new P2VException(
                ErrorIds.TwinNotPossible,
                $"QEMU of the VM {machineId} could not freeze its disks: {exception.Message}",
                "A rehearsal needs QEMU 6.0 or later, and a helper VM that runs: Resume-P2VConversion starts it.",
                machineId,
                exception
            );
        }

        return twin;
    }

    /// <summary>Whoever made it.</summary>
    public async Task DeleteAsync(string machineId, CancellationToken cancellationToken)
    {
        var twin = FolderOf(NameOf(machineId));
        if (!twin.Exists || twin.Load() is not { TwinOf: { } original } description || original != machineId)
            return;

        await new MachineProcess(twin, description).StopAsync(cancellationToken).ConfigureAwait(false);
        var machine = FolderOf(machineId);
        if (machine.Exists)
            await new FrozenDisks(machine, twin).ReleaseAsync(cancellationToken).ConfigureAwait(false);

        twin.Delete(description);
    }

    /// <summary>Its adapters get addresses of their own: those of the VM are in use.</summary>
    private MachineDescription Describe(MachineDescription original, string machineId, TwinSpecification wanted) =>
        original with
        {
            Uuid = Guid.NewGuid().ToString(),
            ConversionId = wanted.ConversionId,
            TwinOf = machineId,
            State = MachineState.Helper,
            Machine = original.Machine with
            {
                Name = NameOf(machineId),
                Adapters = [.. original.Machine.Adapters.Select(adapter => adapter with { MacAddress = null })],
            },
            ImageFormat = DiskImageFormat.Qcow2,
            DiskFiles = [.. original.DiskFiles.Select((_, number) => MachineFolder.DiskFile(number, DiskImageFormat.Qcow2))],
            MacAddresses = [.. original.MacAddresses.Select(_ => MachineBuilder.NewMacAddress())],
            SshPort = FreePort.Find(MachineBuilder.ReservedPorts(root)),
            HelperImagePath = Path.GetFullPath(HelperImage.Require(wanted.HelperImagePath)),
        };

    private MachineFolder FolderOf(string id) => new(Path.Combine(root, id));
}
