using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.BootLoader;

/// <summary>
/// UEFI: the copy's own signed loaders are kept and also put where firmware without boot entries looks. GRUB is never
/// installed anew here, as that would leave an unsigned one in the place of the signed.
/// </summary>
internal sealed class EfiStep : IReconfigureStep
{
    private const string FallbackName = "BOOTX64.EFI";

    public string Concern => "BootLoader";

    public bool Detect(ReconfigureContext context) => context.Layout.Firmware == Firmware.Uefi;

    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var volume =
            context.Layout.EfiVolume()
            ?? throw new AgentException(
                ErrorIds.BootLoaderNotSupported,
                "The layout is for UEFI but has no EFI system partition at /boot/efi, /efi or /boot.",
                "Mount the EFI system partition on the source, or include it in the task, and run the conversion again."
            );
        var mount = volume.MountPoint!;
        var efi = EfiLoaders.Entry(context.Files.Host(mount), "EFI") ?? context.Files.Host(mount) + "/EFI";
        var loaders = EfiLoaders.Find(efi);
        var fallback = EfiLoaders.Entry(efi, "BOOT") ?? efi + "/BOOT";
        var changes = new List<PlannedChange>();
        changes.AddRange(Stubs(context, mount, efi, loaders));
        if (EfiLoaders.Entry(fallback, FallbackName) is null)
        {
            var loader =
                loaders.Count > 0
                    ? loaders[0]
                    : throw new AgentException(
                        ErrorIds.BootLoaderNotSupported,
                        $"The EFI system partition ({mount}) holds no loader that is known here.",
                        "Install GRUB 2 for UEFI or systemd-boot on the source, synchronize, and run the reconfiguration again."
                    );
            var guestFolder = $"{mount}/EFI/BOOT";
            changes.Add(
                new PlannedChange(
                    $"{guestFolder}/{FallbackName}",
                    $"copied from EFI/{loader.Folder}/{loader.Loader}{string.Concat(loader.Companions.Select(name => $", {name} beside it"))}",
                    "the VM's firmware has no boot entries of the source and starts this file",
                    token => CopyFallbackAsync(context, efi, fallback, guestFolder, loader, token)
                )
            );
        }
        else
        {
            context.Note($"The fallback loader {mount}/EFI/BOOT/{FallbackName} is there already.");
        }

        if (
            loaders.Any(loader => !loader.Loader.StartsWith("systemd", StringComparison.OrdinalIgnoreCase))
            && GrubMenu.Plan(context) is { } menu
        )
        {
            changes.Add(menu);
        }

        changes.AddRange(await BootEntryAsync(context, volume, loaders, cancellationToken));
        return changes;
    }

    /// <summary>The stub beside GRUB names the file system that holds its menu.</summary>
    private static IEnumerable<PlannedChange> Stubs(ReconfigureContext context, string mount, string efi, IReadOnlyList<EfiLoader> loaders)
    {
        var boot = context.Layout.VolumeHolding("/boot").FileSystem.Uuid;
        foreach (var folder in loaders.Select(loader => loader.Folder).Append("BOOT"))
        {
            if (EfiLoaders.Entry($"{efi}/{folder}", "grub.cfg") is not { } place)
            {
                continue;
            }

            var path = $"{mount}/{Path.GetFileName(efi)}/{folder}/{Path.GetFileName(place)}";
            var text = context.Files.ReadText(path);
            var wrong = GrubMenu.IsStub(text) ? GrubMenuText.Uuids(text).Where(uuid => !context.Devices.HasUuid(uuid)).ToList() : [];
            if (wrong.Count > 0 && boot is not null)
            {
                var fixedText = wrong.Aggregate(text, (current, uuid) => current.Replace(uuid, boot, StringComparison.Ordinal));
                yield return context.Edit(path, fixedText, $"looks for file system {boot}", $"the copy has no file system {wrong[0]}");
            }
        }
    }

    private static async Task CopyFallbackAsync(
        ReconfigureContext context,
        string efi,
        string fallback,
        string guestFolder,
        EfiLoader loader,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(fallback);
        var source = EfiLoaders.Entry(efi, loader.Folder)!;
        foreach (var (from, to) in loader.Companions.Select(name => (name, name)).Prepend((loader.Loader, FallbackName)))
        {
            await context.Originals.KeepAsync($"{guestFolder}/{to}", cancellationToken);
            File.Copy(EfiLoaders.Entry(source, from)!, Path.Combine(fallback, to), overwrite: true);
        }
    }

    /// <summary>The helper is the VM, so the firmware's memory is the one that counts. It fails softly: the fallback is there.</summary>
    private static async Task<IReadOnlyList<PlannedChange>> BootEntryAsync(
        ReconfigureContext context,
        TargetVolume volume,
        IReadOnlyList<EfiLoader> loaders,
        CancellationToken cancellationToken
    )
    {
        if (
            loaders.Count == 0
            || volume.Device is not { Disk: { } disk, Partition: { } partition }
            || !File.Exists("/usr/bin/efibootmgr")
            || !Directory.Exists("/sys/firmware/efi/efivars")
        )
        {
            return [];
        }

        var loader = loaders[0];
        var listed = await Tool.RunAsync("efibootmgr", ["-v"], cancellationToken);
        if (!listed.Succeeded || listed.Output.Contains(loader.FirmwarePath, StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        return
        [
            new PlannedChange(
                "UEFI boot entry",
                $"{loader.Folder}: {loader.FirmwarePath}",
                "the VM's firmware has no boot entries of the source",
                async token =>
                {
                    var result = await Tool.RunAsync(
                        "efibootmgr",
                        [
                            "-c",
                            "-d",
                            context.Target.DiskDevices[disk],
                            "-p",
                            partition.ToString(System.Globalization.CultureInfo.InvariantCulture),
                            "-L",
                            loader.Folder,
                            "-l",
                            loader.FirmwarePath,
                        ],
                        token
                    );
                    if (!result.Succeeded)
                    {
                        context.Warn($"The firmware took no boot entry; it will start the fallback loader. {result.LastLines}");
                    }
                }
            ),
        ];
    }
}
