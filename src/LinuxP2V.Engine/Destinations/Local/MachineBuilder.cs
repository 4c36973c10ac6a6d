using System.Security.Cryptography;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>Makes a VM's folder: beside its final name first, so that a folder of that name is always whole.</summary>
internal sealed class MachineBuilder(string root, LocalDestinationOptions options, DiskImages images)
{
    private const string Unfinished = ".unfinished";

    /// <summary>Removes what it made when it fails; what a killed engine left is removed by the next try.</summary>
    public async Task<MachineFolder> BuildAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        var firmware = machine.Firmware == Firmware.Uefi ? OvmfFirmware.Locate() : null;
        var draft = new MachineFolder(Path.Combine(root, $".{machine.Name}-{conversionId}{Unfinished}"));
        DeleteFolder(draft.Path);
        try
        {
            PosixFile.CreatePrivateFolder(draft.Path);
            var description = new MachineDescription
            {
                Uuid = Guid.NewGuid().ToString(),
                ConversionId = conversionId,
                State = MachineState.Helper,
                Machine = machine,
                ImageFormat = options.ImageFormat,
                DiskFiles = [.. machine.Disks.Select((_, number) => MachineFolder.DiskFile(number, options.ImageFormat))],
                MacAddresses = [.. machine.Adapters.Select(_ => NewMacAddress())],
                SshPort = FreePort.Find(ReservedPorts(root)),
                HelperImagePath = helperImagePath,
                FirmwarePath = firmware?.CodePath,
            };
            for (var number = 0; number < machine.Disks.Count; number++)
                await images
                    .CreateAsync(draft[description.DiskFiles[number]], machine.Disks[number], options.ImageFormat, cancellationToken)
                    .ConfigureAwait(false);

            if (firmware is not null)
                File.Copy(firmware.VariablesPath, draft[MachineFolder.Nvram]);

            draft.SaveSettings(settings);
            draft.Save(description);
            var folder = new MachineFolder(Path.Combine(root, machine.Name));
            Directory.Move(draft.Path, folder.Path);
            return folder;
        }
        catch
        {
            DeleteFolder(draft.Path);
            throw;
        }
    }

    /// <summary>Ports that VMs of this folder keep, running or not.</summary>
    public static ICollection<int> ReservedPorts(string root) =>
        [.. Directory.EnumerateDirectories(root).Select(path => new MachineFolder(path)).Where(folder => folder.Exists).Select(TryGetPort)];

    private static int TryGetPort(MachineFolder folder)
    {
        try
        {
            return folder.Load().SshPort;
        }
        catch (P2VException)
        {
            // Another VM's damage is no reason to fail here.
            return 0;
        }
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    /// <summary>QEMU's own prefix; the rest by chance.</summary>
    public static string NewMacAddress()
    {
        var bytes = new byte[3];
        using var random = RandomNumberGenerator.Create();
        random.GetBytes(bytes);
        return $"52:54:00:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}";
    }
}
