using LinuxP2V.Guest.Files;
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
    /// <summary>GRUB may itself be the fallback loader; what is not GRUB holds no prefix.</summary>
    private static readonly string[] GrubFiles = ["grubx64.efi", "grub.efi", EfiLoaders.FallbackFile];

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

        var partition = EfiPartition.Read(context.Files, context.Layout, mount, context.Options.BootedLoader);
        PlanStubs(context, partition);
        if (partition is { Loader: null, Fallback: null })
        {
            Refuse(context, partition);
            return;
        }

        if (partition.IsGrub && GrubPrograms.LegacyMenu(context.Files, partition.GrubFolder) is { } legacy)
        {
            LegacyGrub.Refuse(context, legacy);
            return;
        }

        ReportOthers(context, partition);
        if (partition is { IsGrub: false, IsSystemdBoot: false })
        {
            context.Warn(
                "BootLoaderUnknown",
                partition.Mount,
                $"The fallback loader {partition.Fallback} is none that LinuxP2V knows: what it starts is not looked at.",
                "Start the VM once before the source is switched off."
            );
        }

        PlanGrubProgram(context, partition);
        PlanFallback(context, partition);
        if (partition is { IsGrub: true, IsGrubOfEntries: false })
            GrubMenu.Plan(context, Concern, GrubMenuFile.OfEfi(context.Files, context.Layout, partition.GrubFolder));

        if (partition.Loader is { } loader && volume.Device.Partition is not null)
            context.Run(new EfiBootEntry(Concern, volume, loader));

        BootDiskRecords.Plan(context, Concern);
    }

    private static void Refuse(GuestContext context, EfiPartition partition)
    {
        var others = partition.Others.Count > 0 ? $" It holds {string.Join(", ", partition.Others)}." : "";
        context.Fail(
            ErrorIds.BootLoaderNotSupported,
            partition.Mount,
            $"The EFI system partition ({partition.Mount}) holds no loader that LinuxP2V knows.{others}",
            "Install GRUB 2 for UEFI or systemd-boot on the source."
        );
    }

    private static void ReportOthers(GuestContext context, EfiPartition partition)
    {
        if (partition.Loader is not { } loader || context.Options.BootedLoader is not { } booted)
            return;

        if (
            !string.Equals(
                booted.Replace('/', '\\').TrimStart('\\'),
                loader.FirmwarePath.TrimStart('\\'),
                StringComparison.OrdinalIgnoreCase
            )
        )
        {
            context.Warn(
                "BootLoaderChanged",
                partition.Mount,
                $"The source was started by {booted}; the copy is started by {loader.FirmwarePath}.",
                "See that the copy starts as it should before the source is switched off."
            );
        }
    }

    /// <summary>A GRUB that was made for an array, a LUKS volume or the old volume group finds nothing.</summary>
    private void PlanGrubProgram(GuestContext context, EfiPartition partition)
    {
        if (!partition.IsGrub || WhyNotProgram(context, partition.GrubFolder) is not { } why)
            return;

        if (GrubPrograms.Installer(context.Files) is { } program && GrubPrograms.HasEfiParts(context.Files))
        {
            context.Run(
                new GrubEfiInstall(Concern, partition.Mount, partition.Loader?.Vendor ?? EfiLoaders.FallbackFolder, program, why)
                {
                    IsFallback = partition.Loader is null,
                }
            );
            return;
        }

        context.Fail(
            ErrorIds.BootLoaderNotSupported,
            partition.GrubFolder,
            $"GRUB in {partition.GrubFolder} does not hold: {why}; and there is no grub-install for UEFI to make it anew.",
            "Install GRUB 2's files for UEFI on the source: grub-efi-amd64-bin on Debian, grub2-efi-x64-modules on Red Hat, "
                + "grub2-x86_64-efi on SUSE."
        );
    }

    private static string? WhyNotProgram(GuestContext context, string folder)
    {
        foreach (var name in GrubFiles)
        {
            if (context.Files.FindIgnoringCase(folder, name) is not { } path || !context.Files.FileExists(path))
                continue;

            try
            {
                if (GrubImage.WhyNot(context.Files.Store.ReadText(context.Files.Resolve(path)), context.Devices) is { } why)
                    return why;
            }
            catch (FileNotReadException)
            {
                // Programs are not read from a running source; the copy's is.
                context.Note($"What {path} looks for is seen when the copy is there.");
            }
        }

        return null;
    }

    private void PlanFallback(GuestContext context, EfiPartition partition)
    {
        if (partition.Loader is not { } loader || WhyFallback(context, partition, loader) is not { } why)
        {
            context.Note($"The fallback loader {partition.Fallback} is there already.");
            return;
        }

        context.Copy(
            Concern,
            $"{loader.Folder}/{loader.File}",
            partition.Fallback ?? $"{partition.FallbackFolder}/{EfiLoaders.FallbackFile}",
            why
        );
        foreach (var companion in loader.Companions)
        {
            var there = context.Files.FindIgnoringCase(partition.FallbackFolder, companion);
            context.Copy(
                Concern,
                $"{loader.Folder}/{companion}",
                there ?? $"{partition.FallbackFolder}/{companion}",
                "the fallback loader looks for it beside itself"
            );
        }
    }

    /// <returns>Null where the fallback loader that is there serves.</returns>
    private static string? WhyFallback(GuestContext context, EfiPartition partition, EfiLoader loader) =>
        partition.Fallback is null ? "the VM's firmware has no boot entries of the source and starts this file"
        : partition.IsFallbackOfOther ? $"the one that is there belongs to another loader, and the source was started by {loader.Vendor}"
        : WhyNotProgram(context, partition.FallbackFolder) is { } why ? $"the one that is there does not hold: {why}"
        : null;

    /// <summary>The stub beside GRUB names the file system that holds its menu.</summary>
    private void PlanStubs(GuestContext context, EfiPartition partition)
    {
        var boot = context.Layout.VolumeAbove("/boot")?.FileSystem.Uuid;
        foreach (var folder in partition.Loaders.Select(loader => loader.Folder).Append(partition.FallbackFolder))
        {
            if (context.Files.FindIgnoringCase(folder, "grub.cfg") is not { } path || !context.Files.FileExists(path))
                continue;

            var text = context.Files.ReadText(path);
            var wrong = GrubMenuFile.IsStub(text) ? GrubMenuText.Uuids(text).Where(uuid => !context.Devices.HasUuid(uuid)).ToList() : [];
            if (wrong.Count > 0 && boot is not null)
            {
                var mended = wrong.Aggregate(text, (current, uuid) => current.Replace(uuid, boot));
                context.Write(Concern, path, mended, $"looks for file system {boot}", $"the copy has no file system {wrong[0]}");
            }
        }
    }
}
