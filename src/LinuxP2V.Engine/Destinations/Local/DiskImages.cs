using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>Makes and converts disk images with qemu-img.</summary>
internal sealed class DiskImages(string toolPath)
{
    /// <exception cref="P2VException">DestinationFull, or DestinationNotSupported with qemu-img's message.</exception>
    public async Task CreateAsync(string file, DiskSpecification disk, DiskImageFormat format, CancellationToken cancellationToken)
    {
        var preallocation = disk.Format switch
        {
            DiskFormat.Thin => "off",
            DiskFormat.Thick => "falloc",
            _ => "full",
        };
        await RunAsync(
                [
                    "create",
                    "-q",
                    "-f",
                    format == DiskImageFormat.Raw ? "raw" : "qcow2",
                    "-o",
                    $"preallocation={preallocation}",
                    file,
                    disk.SizeBytes.ToString(CultureInfo.InvariantCulture),
                ],
                file,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// The disk as a streamOptimized vmdk, for an import elsewhere. QEMU cannot write to one, so that the VM keeps a
    /// qcow2 layer above it.
    /// </summary>
    public async Task ExportAsync(MachineFolder folder, int number, CancellationToken cancellationToken)
    {
        var disk = folder[MachineFolder.DiskFile(number, DiskImageFormat.Vmdk)];
        var export = MachineFolder.ExportFile(number);
        var unfinished = folder[export + ".new"];
        var layer = disk + ".new";
        // What an export that broke off left behind; the qcow2 disk is whole until the last step.
        File.Delete(unfinished);
        File.Delete(layer);
        if (!File.Exists(folder[export]))
        {
            await RunAsync(
                    ["convert", "-q", "-O", "vmdk", "-o", "subformat=streamOptimized", disk, unfinished],
                    unfinished,
                    cancellationToken
                )
                .ConfigureAwait(false);
            File.Move(unfinished, folder[export]);
        }

        await RunAsync(["create", "-q", "-f", "qcow2", "-F", "vmdk", "-b", export, layer], layer, cancellationToken).ConfigureAwait(false);
        PosixFile.MoveOver(layer, disk);
    }

    /// <summary>A layer that takes what is written, above a disk that is only read.</summary>
    /// <param name="disk">A file name for QEMU, of raw contents.</param>
    public Task LayAsync(string file, string disk, CancellationToken cancellationToken) =>
        RunAsync(["create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk, file], file, cancellationToken);

    private async Task RunAsync(IReadOnlyList<string> arguments, string file, CancellationToken cancellationToken)
    {
        var result = await LocalTool.RunAsync(toolPath, arguments, Path.GetDirectoryName(file), cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return;

        throw result.Error.Contains("No space left")
            ? new P2VException(
                ErrorIds.DestinationFull,
                $"There is no room for the disk {file}: {result.LastLines}",
                "Free space there, choose another folder, or use -DiskStorageFormat Thin.",
                file
            )
            : new P2VException(
                ErrorIds.DestinationNotSupported,
                $"The disk {file} could not be made: {result.LastLines}",
                "Do what qemu-img asks for, or choose another folder.",
                file
            );
    }
}
