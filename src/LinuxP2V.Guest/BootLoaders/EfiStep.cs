using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>
/// UEFI: the copy's own signed loaders are kept and also put where firmware without boot entries looks. GRUB is not
/// installed anew where they serve, as that would leave an unsigned one in the place of the signed.
/// </summary>
internal sealed class EfiStep : IGuestStep
{
    public string Concern => "BootLoader";

    public void Plan(GuestContext context)
    {
        if (context.Layout.Firmware != Firmware.Uefi)
            return;

        if (context.Layout.EfiVolume() is not { MountPoint: { } mount } volume)
        {
            context.Fail(
                ErrorIds.BootLoaderNotSupported,
                "EFI system partition",
                "The machine starts by UEFI, but no EFI system partition is among the volumes.",
                "Mount the EFI system partition on the source, at /boot/efi as a rule, and read the source again; or do not exclude it."
            );
            return;
        }

        var efi = context.Files.FindIgnoringCase(mount, "EFI") ?? $"{mount}/EFI";
        var loaders = EfiLoaders.Find(context.Files, efi);
        PlanStubs(context, efi, loaders);
        if (!PlanFallback(context, mount, efi, loaders))
            return;

        if (loaders.Any(loader => loader.IsGrub))
            GrubMenu.Plan(context, Concern);

        if (loaders.Count > 0 && volume.Device.Partition is not null)
            context.Run(new EfiBootEntry(Concern, volume, loaders[0]));
    }

    private bool PlanFallback(GuestContext context, string mount, string efi, IReadOnlyList<EfiLoader> loaders)
    {
        var folder = context.Files.FindIgnoringCase(efi, EfiLoaders.FallbackFolder) ?? $"{efi}/{EfiLoaders.FallbackFolder}";
        if (context.Files.FindIgnoringCase(folder, EfiLoaders.FallbackFile) is { } there)
        {
            context.Note($"The fallback loader {there} is there already.");
            return true;
        }

        if (loaders.Count == 0)
        {
            context.Fail(
                ErrorIds.BootLoaderNotSupported,
                mount,
                $"The EFI system partition ({mount}) holds no loader that LinuxP2V knows.",
                "Install GRUB 2 for UEFI or systemd-boot on the source."
            );
            return false;
        }

        var loader = loaders[0];
        const string Why = "the VM's firmware has no boot entries of the source and starts this file";
        context.Copy(Concern, $"{loader.Folder}/{loader.File}", $"{folder}/{EfiLoaders.FallbackFile}", Why);
        foreach (var companion in loader.Companions)
            context.Copy(
                Concern,
                $"{loader.Folder}/{companion}",
                $"{folder}/{companion}",
                "the fallback loader looks for it beside itself"
            );

        return true;
    }

    /// <summary>The stub beside GRUB names the file system that holds its menu.</summary>
    private void PlanStubs(GuestContext context, string efi, IReadOnlyList<EfiLoader> loaders)
    {
        var boot = context.Layout.VolumeAbove("/boot")?.FileSystem.Uuid;
        foreach (var folder in loaders.Select(loader => loader.Folder).Append($"{efi}/{EfiLoaders.FallbackFolder}"))
        {
            if (context.Files.FindIgnoringCase(folder, "grub.cfg") is not { } path || !context.Files.FileExists(path))
                continue;

            var text = context.Files.ReadText(path);
            var wrong = GrubMenu.IsStub(text) ? GrubMenuText.Uuids(text).Where(uuid => !context.Devices.HasUuid(uuid)).ToList() : [];
            if (wrong.Count > 0 && boot is not null)
            {
                var mended = wrong.Aggregate(text, (current, uuid) => current.Replace(uuid, boot));
                context.Write(Concern, path, mended, $"looks for file system {boot}", $"the copy has no file system {wrong[0]}");
            }
        }
    }
}
