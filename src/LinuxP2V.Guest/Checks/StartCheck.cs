using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Checks;

/// <summary>
/// The kernel that the loader starts by itself drives the VM's disks, and so does its initramfs. It is the one that was
/// chosen, or it is said.
/// </summary>
public sealed class StartCheck
{
    private const string Remedy =
        "On the source, make an installed kernel the default that has the drivers, or build its initramfs anew there; "
        + "synchronize, and run the reconfiguration again.";

    private const string UnifiedRemedy =
        "Nothing in the copy builds this image anew. On the source, build it with the drivers and the command line that the VM "
        + "needs, or have it start its kernel and initramfs from files of their own (kernel-install: layout=bls).";

    private readonly GuestTree files;
    private readonly GuestTarget target;
    private readonly BootStart start;
    private readonly List<Finding> findings = [];

    private StartCheck(GuestTree files, GuestTarget target, BootStart start) =>
        (this.files, this.target, this.start) = (files, target, start);

    /// <summary>Of a copy, with what its images hold.</summary>
    /// <param name="chosen">Version of the kernel that the plan chose; null where it chose none.</param>
    /// <param name="unified">Of <see cref="BootStart.UnifiedImage"/>; null where there is none, or it cannot be read.</param>
    /// <param name="initramfs">Of all that the kernel gets; null where it gets none, or it cannot be read.</param>
    public static IReadOnlyList<Finding> Run(
        IGuestStore store,
        GuestTarget target,
        BootStart start,
        string? chosen,
        UnifiedKernel? unified,
        ImageContent? initramfs
    )
    {
        var check = new StartCheck(new GuestTree(store), target, start);
        if (start.UnifiedImage is not null)
            check.CheckUnified(unified);

        if (check.CheckKernel(unified, chosen) is { } kernel && (start.UnifiedImage is null || unified is not null))
            check.CheckInitramfs(kernel, hasOne: start.Initramfs.Count > 0 || unified?.Initramfs is not null, initramfs);

        return check.findings;
    }

    /// <summary>Of a plan, whose images are not there yet.</summary>
    internal static IReadOnlyList<Finding> Run(GuestTree files, GuestTarget target, string? chosen)
    {
        if (BootStart.Find(files, target) is not { } start)
            return [];

        var check = new StartCheck(files, target, start);
        var unified = start.UnifiedImage is { } image ? UnifiedSections.Read(files, image) : null;
        if (unified is not null)
            check.CheckUnified(unified);

        check.CheckKernel(unified, chosen);
        return check.findings;
    }

    private void CheckUnified(UnifiedKernel? unified)
    {
        if (unified is null)
        {
            Fail("is no unified kernel image that could be started");
            return;
        }

        var words = unified.CommandLine ?? "";
        if (RootWord.Problem(words, hasInitramfs: true, target) is { } problem)
            Fail(problem);

        foreach (var change in RootWord.Misfits(words, target))
            Warn($"has {change.Line} on the command line inside: {change.Why}");
    }

    private InstalledKernel? CheckKernel(UnifiedKernel? unified, string? chosen)
    {
        var kernels = KernelFinder.Find(files);
        var kernel = unified?.Version is { } version
            ? kernels.FirstOrDefault(candidate => candidate.Version == version)
            : KernelOfFile.Find(files, kernels, start.Kernel ?? start.UnifiedImage!);
        if (kernel is null)
        {
            Warn(
                $"starts {unified?.Version ?? start.Kernel ?? start.UnifiedImage}, of which no modules are there: its drivers are not known"
            );
            return null;
        }

        var missing = BootModules.Missing(target.Layout, kernel);
        if (missing.Count > 0)
            Fail($"starts kernel {kernel.Version}, which has no {string.Join(", ", missing)} for the VM's disks");
        else if (chosen is not null && kernel.Version != chosen)
            Warn($"starts kernel {kernel.Version}, which has the drivers too; the source runs {target.Options.RunningKernel}");

        return kernel;
    }

    private void CheckInitramfs(InstalledKernel kernel, bool hasOne, ImageContent? content)
    {
        var required = BootModules.Required(target.Layout, kernel);
        if (!hasOne)
        {
            // Of a root by UUID it is said already.
            if (required.Count > 0 && RootWord.Problem(start.Words, false, target) is null)
                Fail($"loads no initramfs, and kernel {kernel.Version} needs {string.Join(", ", required)} from one");

            return;
        }

        if (content is null || content.IsEmpty)
        {
            Fail("loads an initramfs that cannot be read");
            return;
        }

        var missing = content.Missing(required, target.Devices.Root?.Device.VolumeGroup is null ? [] : ["lvm"]);
        if (missing.Count > 0)
            Fail($"loads an initramfs that lacks {string.Join(", ", missing)}");

        foreach (var setting in content.Stale(target))
        {
            if (setting.Stops)
                Fail($"loads an initramfs that holds {setting}");
            else
                Warn($"loads an initramfs that holds {setting}");
        }
    }

    private void Fail(string what) =>
        findings.Add(
            new Finding(
                FindingSeverity.Error,
                ErrorIds.ReconfigurationFailed,
                start.File,
                $"The default boot entry \"{start.Name}\" {what}.",
                start.UnifiedImage is null ? Remedy : UnifiedRemedy
            )
        );

    private void Warn(string what) =>
        findings.Add(
            new Finding(
                FindingSeverity.Warning,
                "BootEntry",
                start.File,
                $"The default boot entry \"{start.Name}\" {what}.",
                "See that the VM starts as it should before the source is switched off."
            )
        );
}
